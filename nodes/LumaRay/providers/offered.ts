import type { ProviderId } from '../models/names';
import type { ProviderEntry } from './entry';
import { fal } from './fal';
import { oxen } from './oxen';

type Offered = { readonly [id in ProviderId]: ProviderEntry };

/** The providers of this package. `npm run build -- --provider fal` leaves the others out of this file. */
export const OFFERED = { fal, oxen } as Offered;
