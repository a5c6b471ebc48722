import { createHash } from 'node:crypto';

import { MODEL_NAMES, type ModelName } from '../../nodes/LumaRay/models/names';
import type { FaultRule, Sandbox, Service } from '../../sandbox';
import { Random } from '../../chaos/random';
import { html, status } from '../faults/faults';
import { ORDERS, WAITS, type Order, type WaitBy } from './workflow';

/** A combination of settings that users can make on the node and on its workflow. */
export interface HostCase {
	operation: ModelName;
	provider: Service;
	order: Order;
	waitBy: WaitBy;
	onError: (typeof ON_ERRORS)[number];
	alwaysOutputData: boolean;
	executeOnce: boolean;
	retryOnFail: boolean;
}

const ON_OFF = [false, true];

const PROVIDERS = ['fal', 'oxen'] as const;
const ON_ERRORS = ['stopWorkflow', 'continueRegularOutput', 'continueErrorOutput'] as const;

/** Every combination of the settings, each with an operation. Any two settings are combined with all operations. */
export const HOST_CASES: HostCase[] = PROVIDERS.flatMap((provider, ofProvider) =>
	ORDERS.flatMap((order, ofOrder) =>
		WAITS.flatMap((waitBy, ofWait) =>
			ON_ERRORS.flatMap((onError, ofError) =>
				ON_OFF.flatMap((alwaysOutputData) =>
					ON_OFF.flatMap((executeOnce) =>
						ON_OFF.map((retryOnFail) => {
							const flags = [alwaysOutputData, executeOnce, retryOnFail].filter(Boolean).length;
							const turn = ofProvider + ofOrder + ofWait + ofError + flags;
							return {
								operation: MODEL_NAMES[turn % MODEL_NAMES.length],
								provider,
								order,
								waitBy,
								onError,
								alwaysOutputData,
								executeOnce,
								retryOnFail,
							};
						}),
					),
				),
			),
		),
	),
);

export const WAIT_NAMES: { [waitBy in WaitBy]: string } = {
	wait: 'wait',
	time: 'suspend, woken by time',
	delivery: 'suspend, woken by delivery',
};

export function nameOf(hostCase: HostCase): string {
	const { operation, provider, order, waitBy, onError, alwaysOutputData, executeOnce, retryOnFail } =
		hostCase;
	return [
		`${operation} at ${provider}`,
		`order ${order}`,
		WAIT_NAMES[waitBy],
		onError,
		...(alwaysOutputData ? ['Always Output Data'] : []),
		...(executeOnce ? ['Execute Once'] : []),
		...(retryOnFail ? ['Retry On Fail'] : []),
	].join(', ');
}

/** What happens to an item. */
export type Situation =
	| 'ordinary'
	/** The provider refuses it permanently. */
	| 'refused'
	/** The first read of its result fails, the next one succeeds. */
	| 'result is late'
	/** The first download of its video fails, the next one succeeds. */
	| 'download breaks'
	/** The provider refuses it only in the first try of Retry On Fail. */
	| 'refused once'
	/** Its result cannot be read in the first try of Retry On Fail. */
	| 'unreadable once';

export interface DrawnItem {
	number: number;
	prompt: string;
	situation: Situation;
}

/** Marks a prompt whose job takes longer than the others, so that jobs end in a different order than they start. */
const SLOW = 'slowly';
/** How many seconds a job runs in the sandbox. */
export const jobSeconds = (_index: number, { prompt }: Record<string, unknown>) =>
	String(prompt).includes(SLOW) ? 0.3 : 0.1;

/** The random numbers of a case. They are the same in every run of the tests. */
export function chanceOf(name: string): Random {
	return new Random(createHash('sha256').update(name).digest().readInt32LE());
}

/** The items of a case, with what happens to each. */
export function drawItems(hostCase: HostCase, chance: Random): DrawnItem[] {
	const items = [0, 1, 2].map((number) => ({
		number,
		prompt: `It walks ${number} ${chance.chance(0.4) ? SLOW : 'fast'}`,
		situation: chance.pick(situationsFor(hostCase, number)),
	}));
	if (hostCase.onError === 'stopWorkflow' || items[0].situation !== 'unreadable once') return items;
	// A suspended run may read the first item again by itself. Then n8n does not try the other items again.
	return items.map((item) => (item.situation === 'refused once' ? { ...item, situation: 'ordinary' } : item));
}

function situationsFor({ onError, executeOnce, retryOnFail }: HostCase, number: number): Situation[] {
	const stops = onError === 'stopWorkflow';
	const always: Situation[] = ['ordinary', 'ordinary', 'result is late', 'download breaks'];
	// If a refusal ends the run immediately, there is little to check. So most of these runs have no refusal.
	const isLast = stops || executeOnce;
	const some: Situation[] = isLast ? [...always, ...always, 'refused'] : [...always, 'refused'];
	if (!retryOnFail) return some;
	// n8n tries the node again only if the node throws or if its first item fails.
	const isRead = stops || number === 0;
	return [...some, 'refused once', 'refused once', ...(isRead ? (['unreadable once'] as const) : [])];
}

/** The faults that cause an item's situation. */
export function faultsFor(
	{ prompt, situation }: DrawnItem,
	provider: Service,
	sandbox: Sandbox,
): FaultRule[] {
	const service = provider;
	const asks = { match: ({ body }: { body?: unknown }) => JSON.stringify(body ?? '').includes(prompt) };
	const isAboutEnd = ({ url }: { url: string }) =>
		sandbox.jobs.some((job) => job.input.prompt === prompt && job.completedAt && url.includes(job.id));
	// Oxen's queue returns the result together with the status after the job has ended.
	const result = provider === 'fal' ? 'result' : 'status';
	switch (situation) {
		case 'refused':
			return [{ service, endpoint: 'submit', ...asks, fault: status(provider, 422, 'Refused') }];
		case 'refused once':
			return [{ service, endpoint: 'submit', nth: 1, ...asks, fault: status(provider, 422, 'Refused') }];
		case 'result is late':
			return [{ service, endpoint: result, nth: 1, match: isAboutEnd, fault: html(500) }];
		case 'download breaks':
			return [{ service, endpoint: 'video', nth: 1, match: isAboutEnd, fault: html(503) }];
		case 'unreadable once':
			return [
				{ service, endpoint: result, nth: 1, match: isAboutEnd, fault: status(provider, 401, 'Wrong key') },
			];
		default:
			return [];
	}
}

/** How a case must end. */
export interface Ending {
	status: 'success' | 'error';
	/** Numbers of the items that return a video, and of those that return an error. */
	videos: number[];
	failed: number[];
}

/**
 * How a case must end by n8n's rules and the promises of the package. It does not depend on how the package works.
 */
export function endingOf({ onError, executeOnce, retryOnFail }: HostCase, items: DrawnItem[]): Ending {
	const ordered = orderedOf({ executeOnce }, items);
	const failsFirst = ({ situation }: DrawnItem) => /^refused|once$/.test(situation);
	const failsAlways = ({ situation }: DrawnItem) => situation === 'refused';
	const isRetried = retryOnFail && (onError === 'stopWorkflow' || failsFirst(ordered[0]));
	const failed = ordered.filter(isRetried ? failsAlways : failsFirst);
	if (onError === 'stopWorkflow' && failed.length > 0) return { status: 'error', videos: [], failed: [] };
	const numbers = (some: DrawnItem[]) => some.map(({ number }) => number);
	const videos = ordered.filter((item) => !failed.includes(item));
	return { status: 'success', videos: numbers(videos), failed: numbers(failed) };
}

export function orderedOf({ executeOnce }: Pick<HostCase, 'executeOnce'>, items: DrawnItem[]): DrawnItem[] {
	return executeOnce ? items.slice(0, 1) : items;
}
