import type { Reading } from '../providers/provider';
import type { Problem } from '../models/problem';

/**
 * Reads where n8n's binary store has a part, which throws where its disk or database does not answer. One item's trouble
 * with it shall not end the run with the other items' jobs under way.
 * @param problemOf the problem, from the exception's message; it may pass
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
