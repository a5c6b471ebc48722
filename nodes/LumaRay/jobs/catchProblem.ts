import type { Reading } from '../providers/provider';
import type { Problem } from '../models/problem';

/**
 * Runs a read that uses n8n's binary store and turns its exceptions into problems. The store throws if its disk or
 * database does not answer. A problem with one item must not end the run while other items have jobs in progress.
 * @param problemOf makes the problem from the exception's message. The problem counts as transient
 */
export async function catchProblem<T>(
	read: () => Promise<Reading<T>>,
	problemOf: (reason: string) => Problem,
): Promise<Reading<T>> {
	try {
		return await read();
	} catch (error) {
		return { ok: false, transient: true, problem: problemOf((error as Error).message) };
	}
}
