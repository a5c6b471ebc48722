import type { Catalogue } from '../models/catalogue';
import type { ProviderId } from '../models/names';
import { FAL } from './fal/catalogue';
import { OXEN } from './oxen/catalogue';

/** Every provider's catalogue, by the provider's ID. */
export const CATALOGUES: { readonly [id in ProviderId]: Catalogue } = { fal: FAL, oxen: OXEN };
