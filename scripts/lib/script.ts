import { freshLog, withProgress } from '../../harness/n8n';

/** A step that did not work, and what the user can do about it. */
class StepFailed extends Error {
	constructor(
		readonly label: string,
		readonly remedy: string,
		cause: unknown,
	) {
		super(cause instanceof Error ? cause.message : String(cause), { cause });
	}
}

/** What a script's body works with. */
export interface Script {
	/** Everything that the steps' commands print goes here. */
	logFile: string;
	/**
	 * Does one step and shows it.
	 * @param remedy what to do if it fails, as a sentence
	 */
	step<T>(label: string, remedy: string, work: () => Promise<T>): Promise<T>;
	/** The same for work that shows by itself how far it is. */
	silentStep<T>(label: string, remedy: string, work: () => Promise<T>): Promise<T>;
	/** Has something ended when the script ends, for whatever reason; what was begun last is ended first. */
	atEnd(end: () => Promise<void>): void;
}

/**
 * Runs a script's body and ends the process: with code 0 if all went well, 1 with an explanation if a step
 * failed, 130 after Ctrl+C. What was begun is ended before that.
 */
export async function runScript(name: string, body: (script: Script) => Promise<void>): Promise<never> {
	const endings: Array<() => Promise<void>> = [];
	const logFile = freshLogOrExit(name);
	let isInterrupted = false;
	const interruption = new Promise<number>((resolve) => {
		for (const signal of ['SIGINT', 'SIGTERM'] as const) {
			process.on(signal, () => {
				isInterrupted = true;
				resolve(130);
			});
		}
	});
	const silentStep: Script['silentStep'] = async (label, remedy, work) => {
		try {
			return await work();
		} catch (error) {
			throw new StepFailed(label, remedy, error);
		}
	};
	const completion = body({
		logFile,
		atEnd: (end) => void endings.unshift(end),
		silentStep,
		step: (label, remedy, work) => silentStep(label, remedy, () => withProgress(label, '', work)),
	}).then(
		() => 0,
		(error: unknown) => {
			// After Ctrl+C a step fails because its processes were ended: nothing to explain.
			if (!isInterrupted) explain(error, logFile);
			return 1;
		},
	);

	const code = await Promise.race([interruption, completion]);
	for (const end of endings) await end().catch(() => undefined);
	process.exit(code);
}

function freshLogOrExit(name: string): string {
	try {
		return freshLog(name);
	} catch (error) {
		process.stderr.write(`${(error as Error).message}\n`);
		process.exit(1);
	}
}

function explain(error: unknown, logFile: string): void {
	const parts =
		error instanceof StepFailed
			? [`This step did not work: ${error.label}`, error.message, `What to do: ${error.remedy}`]
			: [error instanceof Error ? error.message : String(error)];
	process.stderr.write(`\n${[...parts, `Log: ${logFile}`].join('\n\n')}\n`);
}
