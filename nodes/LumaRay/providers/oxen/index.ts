import { LumaRayOxenApi } from '../../../../credentials/LumaRayOxenApi.credentials';
import { systemClock } from '../../transport/clock';
import type { ProviderEntry } from '../entry';
import { OXEN } from './catalogue';
import { OXEN_LINKS } from './links';
import { createOxen, OXEN_ENDPOINTS } from './oxen';
import type { OxenEndpoints } from './wire';

export const oxen: ProviderEntry<OxenEndpoints> = {
	catalogue: OXEN,
	credential: new LumaRayOxenApi(),
	links: OXEN_LINKS,
	exampleUrl: 'https://hub.oxen.ai/api/ai/queue/764cabcf-b745-4b3e-ae38-1200304cf45b',
	money: { name: 'credits', isMany: true },
	endpoints: OXEN_ENDPOINTS,
	endpoint: 'baseUrl',
	homeOf: ({ baseUrl }) => baseUrl,
	secretsOf: (apiKey) => [apiKey],
	create: (http, endpoints, account) => createOxen(http, endpoints, systemClock, account),
};
