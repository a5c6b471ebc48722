import { requestsOf, type Lap, type Runner } from '../track';
import { reckonLongJob } from './longJob';
import type { Scenario, Stage } from './stage';

/** How long it takes until all videos are there, and what the waiting costs in requests. */

/** All contenders at the same moment: one job is so little that they do not disturb each other. */
export const oneJob: Scenario = {
	label: 'One job',
	async run({ size, track, figures, contenders }) {
		const runners = await Promise.all(contenders.map(async (contender) => await track.start(contender)));
		for (let repetition = 0; repetition < size.repetitions; repetition++) {
			await Promise.all(
				runners.map(async (runner) => {
					const { contender } = runner;
					const lap = await runner.run({ items: 1 }, size.oneJob);
					figures.add('oneJob', contender, lap.tookMs / lap.slowestJobMs);
					figures.add('afterEnd', contender, lap.sample.endedAt - lap.seen.jobs[0].completedAt);
					figures.add('oneJobRequests', contender, requestsOf(lap.seen));
					if (!contender.startsWith('node')) figures.add('longJob', contender, reckonLongJob(contender, lap));
				}),
			);
		}
		await endAll(runners);
	},
};

export const smallBatch: Scenario = {
	label: 'Small batch',
	async run(stage) {
		await inTurn(stage, stage.size.batches.small, ({ contender }, lap) => {
			stage.figures.add('smallBatch', contender, lap.tookMs / lap.slowestJobMs);
			stage.figures.add('requestRate', contender, requestsPerJobMinute(lap));
		});
	},
};

export const largeBatch: Scenario = {
	label: 'Large batch',
	async run(stage) {
		await inTurn(stage, stage.size.batches.large, ({ contender }, lap) =>
			stage.figures.add('largeBatch', contender, lap.tookMs / lap.slowestJobMs),
		);
	},
};

/** One contender after the other, each round begun by another one. */
async function inTurn(
	{ size, track, contenders }: Stage,
	items: number,
	note: (runner: Runner, lap: Lap) => void,
): Promise<void> {
	const runners = await Promise.all(contenders.map(async (contender) => await track.start(contender)));
	for (let repetition = 0; repetition < size.repetitions; repetition++) {
		for (let place = 0; place < runners.length; place++) {
			const runner = runners[(place + repetition) % runners.length];
			note(runner, await runner.run({ items }, size.batches.length));
		}
	}
	await endAll(runners);
}

async function endAll(runners: Runner[]): Promise<void> {
	await Promise.all(runners.map(async (runner) => await runner.end()));
}

function requestsPerJobMinute({ seen }: Lap): number {
	const milliseconds = seen.jobs.reduce((sum, job) => sum + job.completedAt - job.acceptedAt, 0);
	return requestsOf(seen) / (milliseconds / 60_000);
}
