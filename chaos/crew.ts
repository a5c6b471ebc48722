import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

import { createPool } from '../nodes/LumaRay/jobs/pool';
import type { Report, Stretch } from './report';

/** What a worker sends back for a stretch. */
export type Lived = { report: Report } | { error: string };

export interface Crew {
	/** Lives a stretch in the next free worker. */
	live(stretch: Stretch): Promise<Report>;
	/** Ends the workers, also in the middle of a stretch. */
	dismiss(): void;
}

/** Megabytes for young objects: stories leave little behind, and a small space is collected all the time. */
const YOUNG_SPACE_MB = 64;

/** Processes that live stories: a story is all computation, so each needs a core. */
export function createCrew(size: number): Crew {
	const free = Array.from({ length: size }, () =>
		fork(join(__dirname, 'worker.ts'), {
			// Reports hold maps, and the loader of TypeScript is among this process's own arguments.
			serialization: 'advanced',
			execArgv: [...process.execArgv, `--max-semi-space-size=${YOUNG_SPACE_MB}`],
		}),
	);
	const all = [...free];
	const working = createPool(size);
	return {
		live: async (stretch) =>
			await working(async () => {
				const worker = free.pop()!;
				const report = await ask(worker, stretch);
				free.push(worker);
				return report;
			}),
		dismiss: () => all.forEach((worker) => worker.kill()),
	};
}

async function ask(worker: ChildProcess, stretch: Stretch): Promise<Report> {
	return await new Promise((resolve, reject) => {
		const onExit = (code: number | null) => reject(new Error(`A worker ended with code ${code}`));
		worker.once('exit', onExit);
		worker.once('message', (lived: Lived) => {
			worker.off('exit', onExit);
			if ('error' in lived) reject(new Error(lived.error));
			else resolve(lived.report);
		});
		worker.send(stretch);
	});
}
