import { runTask } from './order';
import { openScope } from './scope';
import type { Result, RunContext, Task } from './context';
import { endRemembered } from './unfinished';

/**
 * Submits all tasks, follows all jobs together and collects each when it ends.
 * @returns the results in the order of the tasks, or undefined if the execution was stopped: what was submitted
 * is then being cancelled (or left, with its ID in the log, if Cancel on Stop is off)
 */
export async function runJobs<Stored>(
	tasks: Task[],
	context: RunContext<Stored>,
): Promise<Array<Result<Stored>> | undefined> {
	const { signal } = context;
	if (signal.aborted) {
		endRemembered(context.memory, context);
		return undefined;
	}
	const work = runAll(tasks, context);
	// The node ends at once on Stop. A submit in flight cannot be called back, so its job is cancelled in the
	// background as soon as its answer names it.
	const stopped = new Promise<undefined>((resolve) =>
		signal.addEventListener('abort', () => resolve(undefined), { once: true }),
	);
	return await Promise.race([work, stopped]);
}

async function runAll<Stored>(tasks: Task[], context: RunContext<Stored>): Promise<Array<Result<Stored>>> {
	const scope = await openScope(context);
	const work = tasks.map(async (task) => await runTask(scope, task));
	try {
		return (await Promise.all(work)).flat();
	} finally {
		// Nothing goes on behind a node that has ended, whatever ended it.
		scope.halt();
		await Promise.allSettled(work);
		scope.close();
	}
}
