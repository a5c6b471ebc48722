/** The functions that a child process offers. Arguments and answers are plain data, since they are sent over IPC. */
export type Calls = { [name: string]: (argument: never) => Promise<unknown> };

export interface Question {
	id: number;
	name: string;
	argument: unknown;
}

export type Answer = { id: number; value?: unknown; error?: string };

/** Answers calls of the parent until the connection ends. Then this process ends, too. */
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
