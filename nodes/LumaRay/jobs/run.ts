import { runTask } from './order';
import { openScope } from './scope';
import type { Result, RunContext, Task } from './context';
import { endRemembered } from './unfinished';

/**
 * Submits all tasks, follows all jobs at the same time and collects each job when it ends.
 * @returns the results in the order of the tasks, or undefined if the execution was stopped. Submitted jobs are then
 * cancelled in the background, or keep running, with their IDs in the log, if Cancel on Stop is off
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
	// On Stop, the node ends immediately. A submit in flight cannot be undone, so its job is cancelled in the background
	// when the answer arrives.
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
		// No work may continue after the node has ended, even if an exception ended it.
		scope.halt();
		await Promise.allSettled(work);
		scope.close();
	}
}
