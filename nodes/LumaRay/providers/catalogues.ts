import type { Catalogue } from '../models/catalogue';
import type { ProviderId } from '../models/names';
import { OFFERED } from './offered';

/** Every provider's catalogue, by the provider's ID. */
export const CATALOGUES = Object.fromEntries(
	Object.entries(OFFERED).map(([id, { catalogue }]) => [id, catalogue]),
) as { readonly [id in ProviderId]: Catalogue };
