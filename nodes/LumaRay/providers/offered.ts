import type { ProviderId } from '../models/names';
import type { ProviderEntry } from './entry';
import { fal } from './fal';
import { oxen } from './oxen';

/** The providers of this package. `npm run build -- --provider fal` writes this file with one of them. */
export const OFFERED: { readonly [id in ProviderId]: ProviderEntry } = { fal, oxen };
