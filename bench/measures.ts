import type { ContenderName } from './contenders';
import type { JobLength } from './jobLength';
import type { Size } from './sizes';

/** One measure. Less is better for all measures. */
export interface Measure {
	title: string;
	unit: '×' | 'ms' | 'MB' | '';
	/** Decimal places. */
	digits: number;
	/** The highest value that this package's node may have. */
	aims?: Partial<Record<ContenderName, number>>;
	/** The lowest possible value. */
	least?: number;
	/** The scale in the chart: `log` if the contenders differ a lot. Absent if the chart does not show the measure. */
	chart?: 'linear' | 'log';
}

export type MeasureId = keyof ReturnType<typeof measuresOf>;

/** All measures, in the order of the report. */
export function measuresOf({
	longestJob,
	smallBatch,
	largeBatch,
	crowd,
	limitedBatch,
	downloadBytes,
	uploadBytes,
	sourceVideoBytes,
}: Size) {
	const oneJob = `job of ${meanSeconds(longestJob)} s`;
	return {
		oneJob: {
			title: `One ${oneJob}: whole time ÷ job’s own time`,
			unit: '×',
			digits: 3,
			aims: { nodeStream: 1.02 },
			least: 1,
			chart: 'linear',
		},
		afterEnd: { title: 'From the provider’s completion to the return', unit: 'ms', digits: 0, least: 0 },
		smallBatch: {
			title: `${smallBatch} items: whole time ÷ slowest job`,
			unit: '×',
			digits: 3,
			aims: { nodeStream: 1.1 },
			least: 1,
			chart: 'linear',
		},
		largeBatch: {
			title: `${largeBatch} items: whole time ÷ slowest job`,
			unit: '×',
			digits: 3,
			aims: { nodeStream: 1.03 },
			least: 1,
			chart: 'linear',
		},
		crowdTime: {
			title: `${crowd} items: whole time ÷ slowest job`,
			unit: '×',
			digits: 3,
			aims: { nodeStream: 1.1 },
			least: 1,
		},
		limitedReads: {
			title: `${limitedBatch} items at a provider that answers 20 reads per second: whole time ÷ slowest job`,
			unit: '×',
			digits: 3,
			aims: { nodeStream: 1.35 },
			least: 1,
		},
		refusedReads: { title: 'Reads that it refused', unit: '', digits: 0 },
		wake: {
			title: `A wake with ${crowd} unfinished jobs`,
			unit: 'ms',
			digits: 0,
			aims: { nodeStream: 3_000 },
		},
		limitedWake: {
			title: `The same at a provider that answers 20 reads per second: whole time ÷ the least that this takes`,
			unit: '×',
			digits: 3,
			least: 1,
		},
		limitedWakeReads: {
			title: 'Reads per second that it then sees',
			unit: '',
			digits: 1,
			aims: { nodeStream: 20 },
		},
		fairness: {
			title: `The slowest of 9 runs of one item beside one of ${largeBatch} items: whole time ÷ its job`,
			unit: '×',
			digits: 3,
			aims: { nodeStream: 1.1 },
			least: 1,
		},
		largeConnections: {
			title: `Connections open at once, ${largeBatch} items`,
			unit: '',
			digits: 0,
			aims: { nodeStream: 64 },
		},
		oneJobRequests: { title: `Requests over one ${oneJob}`, unit: '', digits: 0 },
		requestRate: {
			title: `Requests per job-minute, ${smallBatch} items`,
			unit: '',
			digits: 1,
			aims: { nodeStream: 12 },
		},
		longJob: {
			title: 'Requests over one 10-minute job',
			unit: '',
			digits: 0,
			aims: { nodeStream: 10, nodePoll: 70 },
			chart: 'log',
		},
		download: {
			title: `Added memory, download of ${Math.round(downloadBytes / 1024 ** 2)} MiB`,
			unit: 'MB',
			digits: 0,
			aims: { nodeStream: 80 },
		},
		upload: { title: `Added memory, upload of ${uploadBytes / 1e6} MB`, unit: 'MB', digits: 0 },
		sourceVideo: {
			title: `Added memory, upload of a source video of ${sourceVideoBytes / 1e6} MB`,
			unit: 'MB',
			digits: 0,
			aims: { nodeStream: 80 },
		},
		crowdDelay: {
			title: `Event-loop delay p99, ${crowd} jobs`,
			unit: 'ms',
			digits: 1,
			aims: { nodeStream: 20 },
		},
		crowdMemory: {
			title: `Added memory, ${crowd} jobs`,
			unit: 'MB',
			digits: 0,
			aims: { nodeStream: 80 },
		},
		crowdConnections: { title: `Connections open at once, ${crowd} jobs`, unit: '', digits: 0 },
	} satisfies { [id: string]: Measure };
}

function meanSeconds({ shortestSeconds, longestSeconds }: JobLength): number {
	return (shortestSeconds + longestSeconds) / 2;
}
