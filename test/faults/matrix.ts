import type { FaultCase } from './faultCase';
import { asideRows } from './rows/asides';
import { fileRows } from './rows/files';
import { paidRows } from './rows/paid';
import { readRows } from './rows/reads';

/** Every fault × endpoint × provider × way of following, with how it must end. */
export const MATRIX: FaultCase[] = (['fal', 'oxen'] as const).flatMap((provider) => [
	...(['auto', 'poll', 'direct'] as const).flatMap((follow) => paidRows(provider, follow)),
	...readRows(provider),
	...fileRows(provider),
	...asideRows(provider),
]);
