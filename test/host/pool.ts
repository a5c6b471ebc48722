import { startSandbox, type Sandbox, type SandboxOptions } from '../../sandbox';

/** Cases that run side by side, each with a sandbox of its own: most of their time they only wait. */
const SIDE_BY_SIDE = 32;

/** Milliseconds for all cases of a file: many times what they need on a quiet machine, since shared ones are slow. */
export const POOL_MS = 1_800_000;

/** Observes each case against a sandbox that no other case uses meanwhile. An observation that throws is its error. */
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
