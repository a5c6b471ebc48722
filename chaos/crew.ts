import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

import { createPool } from '../nodes/LumaRay/jobs/pool';
import type { Report, Stretch } from './report';

/** A worker's answer to a stretch. */
export type WorkerAnswer = { report: Report } | { error: string };

export interface Crew {
	/** Runs a stretch in the next free worker. */
	run(stretch: Stretch): Promise<Report>;
	/** Stops the workers, even in the middle of a stretch. */
	dismiss(): void;
}

/** Megabytes for young objects. Stories leave few old objects, and a smaller space would be collected too often. */
const YOUNG_SPACE_MB = 64;

/** Starts processes that run stories. A story does nothing but compute, so each process needs its own core. */
export function createCrew(size: number): Crew {
	const free = Array.from({ length: size }, () =>
		fork(join(__dirname, 'worker.ts'), {
			// Reports contain maps, which JSON cannot represent. The TypeScript loader is in this process's arguments.
			serialization: 'advanced',
			execArgv: [...process.execArgv, `--max-semi-space-size=${YOUNG_SPACE_MB}`],
		}),
	);
	const all = [...free];
	const working = createPool(size);
	return {
		run: async (stretch) =>
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
		worker.once('message', (answer: WorkerAnswer) => {
			worker.off('exit', onExit);
			if ('error' in answer) reject(new Error(answer.error));
			else resolve(answer.report);
		});
		worker.send(stretch);
	});
}
