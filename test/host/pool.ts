import { startSandbox, type Sandbox, type SandboxOptions } from '../../sandbox';

/** Cases run at the same time, each with its own sandbox, because they spend most of their time waiting. */
const SIDE_BY_SIDE = 32;

/**
 * Milliseconds for all cases of a file. This is many times more than they need on an idle machine, because shared
 * machines are slow.
 */
export const POOL_MS = 1_800_000;

/** Runs each case with a sandbox that no other case is using. If a case throws, its error is the result. */
export async function pool<Case, Observation>(
	cases: Case[],
	jobSeconds: SandboxOptions['jobSeconds'],
	observe: (one: Case, sandbox: Sandbox) => Promise<Observation>,
): Promise<Map<Case, Observation | Error>> {
	const observations = new Map<Case, Observation | Error>();
	const waiting = [...cases];
	await Promise.all(
		Array.from({ length: Math.min(SIDE_BY_SIDE, cases.length) }, async () => {
			const sandbox = await startSandbox({ jobSeconds, queueSeconds: 0 });
			for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
				sandbox.reset();
				observations.set(next, await observe(next, sandbox).catch((error: unknown) => error as Error));
			}
			await sandbox.close();
		}),
	);
	return observations;
}
