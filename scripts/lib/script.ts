import { freshLog, withProgress } from '../../harness/n8n';

/** A failed step, and what the user can do about it. */
class StepFailed extends Error {
	constructor(
		readonly label: string,
		readonly remedy: string,
		cause: unknown,
	) {
		super(cause instanceof Error ? cause.message : String(cause), { cause });
	}
}

/** The functions that a script's body uses. */
export interface Script {
	/** The output of all commands is written to this file. */
	logFile: string;
	/**
	 * Runs one step and shows its progress.
	 * @param remedy what the user should do if it fails, as a sentence
	 */
	step<T>(label: string, remedy: string, work: () => Promise<T>): Promise<T>;
	/** The same for work that shows its own progress. */
	silentStep<T>(label: string, remedy: string, work: () => Promise<T>): Promise<T>;
	/**
	 * Registers a function that is called when the script ends, for whatever reason. The one registered last is called
	 * first.
	 */
	atEnd(end: () => Promise<void>): void;
}

/**
 * Runs a script's body, calls the functions registered with `atEnd`, and exits: with code 0 if everything succeeded,
 * 1 with an explanation if a step failed, 130 after Ctrl+C.
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
			// After Ctrl+C, a step fails because its processes were stopped. That needs no explanation.
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
