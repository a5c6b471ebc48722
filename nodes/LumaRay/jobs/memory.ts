import { createHash } from 'node:crypto';

import type { Job, Order, Outcome } from '../providers/provider';
import type { ProviderId } from '../ray/table';
import type { Problem } from '../transport/failures';
import type { Parking } from './suspend';

/** What is known of one paid request. Plain data: n8n saves it with the execution. */
export type Remembered =
	/** `outcomes`: what a blocking call answered, for nobody else can tell it. */
	| { fate: 'accepted'; jobs: Job[]; outcomes?: Outcome[] }
	/**
	 * Sent, and never answered: it may have been accepted at this Unix time in milliseconds, with the image as the
	 * provider was given it, where its list tells it again.
	 */
	| { fate: 'open'; sentAt: number; problem: Problem; imageUrl?: string };

/**
 * What a node run has paid for. It outlives Retry On Fail and "Retry execution", so that neither pays again.
 * Nothing is forgotten before the run has ended without a bad item.
 */
export interface Memory {
	recall(key: string): Remembered | undefined;
	keep(key: string, remembered: Remembered): void;
	/** The item's jobs are no use any more; their request ids stay known. */
	forget(key: string): void;
	/** Keeps an outcome that names a video: providers tell it for a limited time, and a retry may come later. */
	keepOutcome(requestId: string, outcome: Outcome): void;
	outcomeOf(requestId: string): Outcome | undefined;
	/** Counts a try of this execution, from 1. */
	beginTry(): number;
	/** How an item ended badly in this try. */
	keepProblem(index: number, problem: Problem): void;
	/** How an item last ended badly in this execution. */
	problemOf(index: number): Problem | undefined;
	/** The jobs that may still go on, with the items that they belong to. */
	jobs(): Array<{ index: number; job: Job }>;
	/** The request ids of all jobs that this run has had: none of them can be that of a submit without an answer. */
	requestIds(): string[];
	/** What a parked run knows; undefined while it is not parked. */
	parking(): Parking | undefined;
	park(parking: Parking): void;
	unpark(): void;
	/** Forgets all that this run remembers. */
	clear(): void;
}

/** What the tries of an execution came to. */
interface Tries {
	execution: string;
	begun: number;
	problems: { [index: string]: Problem };
}

/** Where in the node's context the memory lies. */
const PLACE = {
	jobs: 'lumaRayJobs',
	spent: 'lumaRaySpentJobs',
	outcomes: 'lumaRayOutcomes',
	tries: 'lumaRayTries',
	parking: 'lumaRayParking',
};

/**
 * The memory of one run of the node.
 * @param context the node's own context (`getContext('node')`), shared by all its runs in the execution
 * @param runIndex which run of the node this is; a loop runs it many times
 * @param execution the execution's id: "Retry execution" makes a new one, which inherits the memory
 */
export function createMemory(
	context: { [key: string]: unknown },
	runIndex: number,
	execution: string,
): Memory {
	const all = (context[PLACE.jobs] ??= {}) as { [run: string]: { [key: string]: Remembered } };
	const spent = (context[PLACE.spent] ??= {}) as { [run: string]: string[] };
	const outcomes = (context[PLACE.outcomes] ??= {}) as { [run: string]: { [requestId: string]: Outcome } };
	const tried = (context[PLACE.tries] ??= {}) as { [run: string]: Tries };
	const parked = (context[PLACE.parking] ??= {}) as { [run: string]: Parking };
	const run = String(runIndex);
	const tries = (): Tries => {
		if (tried[run]?.execution !== execution) tried[run] = { execution, begun: 0, problems: {} };
		return tried[run];
	};
	return {
		recall: (key) => all[run]?.[key],
		keep(key, remembered) {
			(all[run] ??= {})[key] = remembered;
		},
		forget(key) {
			(spent[run] ??= []).push(...idsOf(all[run]?.[key]));
			delete all[run]?.[key];
		},
		keepOutcome(requestId, outcome) {
			if (outcome.status === 'succeeded' && !outcome.problem) (outcomes[run] ??= {})[requestId] = outcome;
		},
		outcomeOf: (requestId) => outcomes[run]?.[requestId],
		beginTry: () => ++tries().begun,
		keepProblem(index, problem) {
			tries().problems[index] = problem;
		},
		problemOf: (index) => tries().problems[index],
		jobs: () =>
			Object.entries(all[run] ?? {}).flatMap(([key, remembered]) =>
				remembered.fate === 'accepted' && !remembered.outcomes
					? remembered.jobs.map((job) => ({ index: indexOf(key), job }))
					: [],
			),
		requestIds: () => [...(spent[run] ?? []), ...Object.values(all[run] ?? {}).flatMap(idsOf)],
		parking: () => parked[run],
		park(parking) {
			parked[run] = parking;
		},
		unpark() {
			delete parked[run];
		},
		clear() {
			delete all[run];
			delete spent[run];
			delete outcomes[run];
			delete tried[run];
			delete parked[run];
		},
	};
}

function idsOf(remembered: Remembered | undefined): string[] {
	return remembered?.fate === 'accepted' ? remembered.jobs.map(({ requestId }) => requestId) : [];
}

/** The same item with the same parameters has the same key; anything that changes the video changes it. */
export function orderKey(provider: ProviderId, itemIndex: number, order: Order): string {
	const image = typeof order.image === 'string' ? order.image : order.image.identity;
	const what = JSON.stringify([provider, order.input, image, order.options]);
	return `${itemIndex}:${createHash('sha256').update(what).digest('hex').slice(0, 16)}`;
}

function indexOf(key: string): number {
	return Number(key.split(':')[0]);
}
