import { falTable } from './fal';
import { oxenTable } from './oxen';
import type { ProviderId, RayTable } from './table';

/** Every provider's table by its id. */
export const TABLES: Readonly<Record<ProviderId, RayTable>> = { fal: falTable, oxen: oxenTable };
