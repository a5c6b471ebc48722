/**
 * The functions that a child process offers. Their arguments and results are plain data, because they are sent over
 * IPC.
 */
export type Calls = { [name: string]: (argument: never) => Promise<unknown> };

export interface Question {
	id: number;
	name: string;
	argument: unknown;
}

export type Answer = { id: number; value?: unknown; error?: string };

/** Answers calls from the parent until the connection closes. Then this process exits. */
export function serve(calls: Calls): void {
	process.on('message', ({ id, name, argument }: Question) => {
		const answer = (rest: Omit<Answer, 'id'>) => {
			if (process.connected) process.send!({ id, ...rest } satisfies Answer);
		};
		calls[name](argument as never).then(
			(value) => answer({ value }),
			(error: unknown) =>
				answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
		);
	});
	process.once('disconnect', () => process.exit());
}
