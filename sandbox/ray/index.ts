import type { Service } from '../requests';
import { FAL } from './fal';
import { OPERATIONS, type Edition, type Model } from './model';
import { OXEN } from './oxen';

export { clipOf } from './clip';
export { EDITIONS, ignoredIn, isGiven, underFalNames } from './model';
export type { Edition, Input, Model, Operation, Parameter } from './model';
export { EXAMPLE_PROMPT } from './parameters';
export { requiredNames, valueSchemaOf, type Schema } from './schema';
export { billableUnits, perSecondUsd, priceUsd, unitPriceUsd, type Clip } from './prices';

const ID_BEGINS: Record<Service, string> = { fal: 'luma/agent/ray/v3.2/', oxen: 'luma-ray-v3-2-' };
const DESCRIPTIONS = { fal: FAL, oxen: OXEN };

/** The provider's models in an edition. */
export function modelsOf(service: Service, edition: Edition): Model[] {
	return OPERATIONS.map((operation) => ({
		operation,
		id: ID_BEGINS[service] + operation,
		...DESCRIPTIONS[service][operation][edition],
	}));
}

/** fal's endpoint IDs, which are the same in all editions. */
export const FAL_ENDPOINT_IDS = OPERATIONS.map((operation) => ID_BEGINS.fal + operation);
/** The endpoint that the first version of this package supported. */
export const FAL_ENDPOINT_ID = FAL_ENDPOINT_IDS[0];
