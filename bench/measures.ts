import type { ContenderName } from './contenders';
import type { Size } from './sizes';

/** One thing that is measured. Less is better in all of them. */
export interface Measure {
	title: string;
	unit: '×' | 'ms' | 'MB' | '';
	/** Digits after the point. */
	digits: number;
	/** What this package's node must not exceed. */
	aims?: Partial<Record<ContenderName, number>>;
	/** The bare lower limit. */
	least?: number;
	/** Drawn in the chart. `log` where the contenders lie far apart. */
	chart?: 'linear' | 'log';
}

export type MeasureId = keyof ReturnType<typeof measuresOf>;

/** What is measured, in the order of the report. */
export function measuresOf({ oneJob, batches, downloadBytes, uploadBytes, crowd }: Size) {
	const both = (aim: number) => ({ nodeStream: aim, nodePoll: aim });
	return {
		oneJob: {
			title: `One ${oneJob.longestSeconds} s job: whole time ÷ job’s own time`,
			unit: '×',
			digits: 3,
			aims: { nodeStream: 1.02 },
			least: 1,
			chart: 'linear',
		},
		afterEnd: { title: 'From the provider’s completion to the return', unit: 'ms', digits: 0, least: 0 },
		smallBatch: {
			title: `${batches.small} items: whole time ÷ slowest job`,
			unit: '×',
			digits: 3,
			aims: { nodeStream: 1.1 },
			least: 1,
			chart: 'linear',
		},
		largeBatch: {
			title: `${batches.large} items: whole time ÷ slowest job`,
			unit: '×',
			digits: 3,
			aims: { nodeStream: 1.5 },
			least: 1,
			chart: 'linear',
		},
		oneJobRequests: { title: `Requests over one ${oneJob.longestSeconds} s job`, unit: '', digits: 0 },
		requestRate: { title: `Requests per job-minute, ${batches.small} items`, unit: '', digits: 1 },
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
		crowdDelay: {
			title: `Event-loop delay p99, ${crowd.items} jobs`,
			unit: 'ms',
			digits: 1,
			aims: both(50),
		},
		crowdMemory: { title: `Added memory, ${crowd.items} jobs`, unit: 'MB', digits: 0, aims: both(200) },
		crowdConnections: { title: `Connections open at once, ${crowd.items} jobs`, unit: '', digits: 0 },
	} satisfies { [id: string]: Measure };
}
