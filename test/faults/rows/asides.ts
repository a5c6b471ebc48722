import { newestEdition } from '../../../nodes/LumaRay/models/catalogue';
import { MODEL_NAMES, type ModelName } from '../../../nodes/LumaRay/models/names';
import { PARAMETERS } from '../../../nodes/LumaRay/models/parameters';
import { listPrice } from '../../../nodes/LumaRay/models/prices';
import { CATALOGUES } from '../../../nodes/LumaRay/providers/catalogues';
import type { Endpoint, JobStatus, Service } from '../../../sandbox';
import { EVERY, SUCCEEDS, type Ending, type FaultRow } from '../faultCase';
import { html, NO_WHOLE_ANSWER, transient, SENSELESS, status, wrongKey, type NamedFaults } from '../faults';

/** Requests around the job: the reads before it, its cancel, the search for it, and its cost. */
export function asideRows(provider: Service): FaultRow[] {
	return [
		...descriptionRows(provider),
		...priceRows(provider),
		...cancelRows(provider),
		...searchRows(provider),
		...costRows(provider),
		unreachable(provider),
	];
}

/** The model's live description is optional: if it cannot be read, the run continues as if the check were off. */
function descriptionRows(provider: Service): FaultRow[] {
	const faults: NamedFaults = {
		...NO_WHOLE_ANSWER,
		...SENSELESS,
		...wrongKey(provider),
		'500 as HTML': html(500),
		'404': status(provider, 404, 'No'),
	};
	return Object.entries(faults).map(([what, fault]) => ({
		provider,
		endpoint: DESCRIPTION[provider],
		follow: 'poll',
		what,
		fault,
		nth: EVERY,
		needsOwnSandbox: true,
		ending: SUCCEEDS,
	}));
}

const DESCRIPTION = { fal: 'models', oxen: 'model' } as const;

/**
 * The live price for a budget. If it cannot be read, the price list is used. If the list has no price, nothing is
 * paid.
 */
function priceRows(provider: Service): FaultRow[] {
	const isPriced = (model: ModelName) => {
		const entry = CATALOGUES[provider].models[model];
		const duration = newestEdition(entry).parameters.duration?.default ?? PARAMETERS.duration.default;
		return listPrice(newestEdition(entry), { resolution: '540p', duration }).usd !== null;
	};
	const faults: NamedFaults = {
		'connection reset after the request is accepted': { kind: 'resetAfter' },
		'half of the answer': { kind: 'truncated' },
		'500 as HTML': html(500),
		...wrongKey(provider),
	};
	const rows = (operations: ModelName[], ending: Ending): FaultRow[] =>
		Object.entries(faults).map(([what, fault]) => ({
			provider,
			// Oxen's description contains its prices.
			endpoint: provider === 'fal' ? 'pricing' : 'model',
			follow: 'poll',
			what: `${what}, under a budget`,
			fault,
			nth: EVERY,
			needsOwnSandbox: provider === 'oxen',
			options: { maxCostUsd: 100 },
			operations,
			ending,
		}));
	return [
		...rows(MODEL_NAMES.filter(isPriced), SUCCEEDS),
		...rows(
			MODEL_NAMES.filter((model) => !isPriced(model)),
			{ end: 'refused', message: /Maximum Cost/ },
		),
	];
}

/** The timeout has passed, and the node must cancel the job. */
function cancelRows(provider: Service): FaultRow[] {
	const rows = (faults: NamedFaults, message: RegExp, job: JobStatus): FaultRow[] =>
		Object.entries(faults).map(([what, fault]) => ({
			provider,
			endpoint: 'cancel',
			follow: 'poll',
			what,
			fault,
			endless: true,
			options: { timeoutMinutes: 0.1, cancelOnTimeout: true },
			ending: { end: 'fails', message, job },
		}));
	const taken = { fal: /was asked to cancel/, oxen: /was cancelled at/ }[provider];
	return [
		// If the first answer was lost, the second one may only report that the job has ended.
		...rows(transient(provider), new RegExp(`${taken.source}|could not be cancelled at`), 'cancelled'),
		...rows({ ...wrongKey(provider), '404': { kind: 'notFound' } }, /could not be cancelled/, 'running'),
	];
}

/** A submit was not answered, and the node searches for its job in the provider's list. */
function searchRows(provider: Service): FaultRow[] {
	const rows = (endpoint: Endpoint, faults: NamedFaults, ending: Ending, nth?: FaultRow['nth']): FaultRow[] =>
		Object.entries(faults).map(([what, fault]) => ({
			provider,
			endpoint,
			follow: 'poll',
			what: `${what} while a job is searched for`,
			fault,
			nth,
			besides: [{ endpoint: 'submit', fault: { kind: 'resetAfter' } }],
			ending,
		}));
	const endpoint = provider === 'fal' ? 'requests' : 'generations';
	const unknown: Ending = { end: 'open', jobs: 1 };
	// Oxen's list shows only the prompt, so it never proves that a job is ours.
	const found = provider === 'fal' ? SUCCEEDS : unknown;
	return [
		...rows(endpoint, { ...NO_WHOLE_ANSWER, '500': html(500), '503': html(503) }, found),
		...rows(endpoint, wrongKey(provider), unknown),
		...rows(
			endpoint,
			{ '500 every time': html(500), '404 every time': status(provider, 404, 'Not found') },
			unknown,
			EVERY,
		),
		...(provider === 'oxen' ? rows('queueList', { ...NO_WHOLE_ANSWER, ...SENSELESS }, unknown) : []),
	];
}

/** The final cost of a job is optional, so a failed read must not fail the item. */
function costRows(provider: Service): FaultRow[] {
	const endpoint = provider === 'fal' ? 'pricing' : 'generation';
	return Object.entries({ ...transient(provider), ...wrongKey(provider), '404': status(provider, 404, 'No') })
		.filter(([what]) => what !== 'a slow answer')
		.map(([what, fault]) => ({
			provider,
			endpoint,
			follow: 'poll',
			what,
			fault,
			nth: EVERY,
			ending: {
				end: 'succeeds',
				output: { json: expect.objectContaining({ cost: expect.objectContaining({ actualUsd: null }) }) },
			},
		}));
}

function unreachable(provider: Service): FaultRow {
	return {
		provider,
		endpoint: 'submit',
		follow: 'poll',
		what: 'no server at the address',
		fault: { kind: 'resetBefore' },
		// Port 9 belongs to the discard service, which is not running.
		credential: { queueUrl: 'http://127.0.0.1:9', baseUrl: 'http://127.0.0.1:9' },
		ending: { end: 'refused', message: /could not be reached/ },
	};
}
