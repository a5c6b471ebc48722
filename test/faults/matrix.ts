import { MODEL_NAMES } from '../../nodes/LumaRay/models/names';
import { inTurn } from '../support/family';
import type { FaultCase, FaultRow } from './faultCase';
import { asideRows } from './rows/asides';
import { fileRows } from './rows/files';
import { paidRows } from './rows/paid';
import { readRows } from './rows/reads';

/** Every combination of fault, endpoint, provider and Follow, with its required outcome. */
const ROWS: FaultRow[] = (['fal', 'oxen'] as const).flatMap((provider) => [
	...(['auto', 'poll', 'direct'] as const).flatMap((follow) => paidRows(provider, follow)),
	...readRows(provider),
	...fileRows(provider),
	...asideRows(provider),
]);

/** Faults are distinguished by their descriptions. Faults of the paid request are also distinct from all others. */
function faultOf({ what, endpoint, operations = MODEL_NAMES }: FaultRow): string {
	return [what, ['submit', 'run'].includes(endpoint) ? 'paid' : 'free', ...operations].join();
}

/**
 * The rows with one operation each, in turn, so that every operation is combined with every fault in at least one
 * row. If a fault has fewer rows than there are operations, its rows are repeated.
 */
export const MATRIX: FaultCase[] = [...new Set(ROWS.map(faultOf))].flatMap((fault, place) => {
	const rows = ROWS.filter((row) => faultOf(row) === fault);
	const { operations = MODEL_NAMES } = rows[0];
	const times = Math.ceil(operations.length / rows.length);
	const enough = Math.max(rows.length, operations.length);
	const repeated = Array.from({ length: times }, () => rows)
		.flat()
		.slice(0, enough);
	const begun = place % operations.length;
	return inTurn(repeated, () => fault, [...operations.slice(begun), ...operations.slice(0, begun)]);
});
