import type { ContenderName } from '../contenders';
import { lengthIn } from '../jobLength';
import { requestsOf, type Lap } from '../track';
import { reckonLongJob } from './longJob';
import type { Scenario, Stage } from './stage';

/** The time until all videos are ready, and the requests sent during that time. */

export const oneJob: Scenario = {
	label: 'One job',
	async run(stage) {
		const { figures } = stage;
		await sideBySide(stage, 1, (contender, lap) => {
			figures.add('oneJob', contender, lap.tookMs / lap.slowestJobMs);
			figures.add('afterEnd', contender, lap.sample.endedAt - lap.seen.jobs[0].completedAt);
			figures.add('oneJobRequests', contender, requestsOf(lap.seen));
			if (!contender.startsWith('node')) figures.add('longJob', contender, reckonLongJob(contender, lap));
		});
	},
};

export const smallBatch: Scenario = {
	label: 'Small batch',
	async run(stage) {
		await sideBySide(stage, stage.size.smallBatch, (contender, lap) => {
			stage.figures.add('smallBatch', contender, lap.tookMs / lap.slowestJobMs);
			stage.figures.add('requestRate', contender, requestsPerJobMinute(lap));
		});
	},
};

export const largeBatch: Scenario = {
	label: 'Large batch',
	async run(stage) {
		await inTurn(stage, stage.size.largeBatch, (contender, lap) => {
			stage.figures.add('largeBatch', contender, lap.tookMs / lap.slowestJobMs);
			stage.figures.add('largeConnections', contender, lap.sample.connections);
		});
	},
};

type Note = (contender: ContenderName, lap: Lap) => void;

/** All contenders run at the same time, because a few jobs are too little work to disturb each other. */
async function sideBySide({ size, track, contenders }: Stage, items: number, note: Note): Promise<void> {
	const team = await track.team(contenders);
	for (let repetition = 0; repetition < size.repetitions; repetition++) {
		const length = lengthIn(size.longestJob, repetition);
		await Promise.all(
			team.map(async (runner) => note(runner.contender, await runner.run({ items }, length))),
		);
	}
}

/** One contender runs after the other. Each round starts with a different one. */
async function inTurn({ size, track, contenders }: Stage, items: number, note: Note): Promise<void> {
	const team = await track.team(contenders);
	for (let repetition = 0; repetition < size.repetitions; repetition++) {
		const length = lengthIn(size.longestJob, repetition);
		for (let place = 0; place < team.length; place++) {
			const runner = team[(place + repetition) % team.length];
			note(runner.contender, await runner.run({ items }, length));
		}
	}
}

function requestsPerJobMinute({ seen }: Lap): number {
	const milliseconds = seen.jobs.reduce((sum, job) => sum + job.completedAt - job.acceptedAt, 0);
	return requestsOf(seen) / (milliseconds / 60_000);
}
