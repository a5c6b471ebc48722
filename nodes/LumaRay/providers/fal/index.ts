import { LumaRayFalApi } from '../../../../credentials/LumaRayFalApi.credentials';
import { systemClock } from '../../transport/clock';
import type { ProviderEntry } from '../entry';
import { FAL } from './catalogue';
import { createFal, FAL_ENDPOINTS } from './fal';
import { FAL_LINKS } from './links';
import { verifyDelivery } from './webhook';
import type { FalEndpoints } from './wire';

export const fal: ProviderEntry<FalEndpoints> = {
	catalogue: FAL,
	credential: new LumaRayFalApi(),
	links: FAL_LINKS,
	exampleUrl: 'https://queue.fal.run/luma/agent/requests/764cabcf-b745-4b3e-ae38-1200304cf45b',
	money: { name: 'balance', isMany: false },
	endpoints: FAL_ENDPOINTS,
	endpoint: 'restUrl',
	homeOf: ({ queueUrl }) => queueUrl,
	secretsOf,
	create: (http, endpoints, account, wantLogs) => createFal(http, endpoints, systemClock, wantLogs, account),
	verifyDelivery: async (delivery, { restUrl }, fetchJson) =>
		await verifyDelivery(delivery, restUrl, fetchJson, systemClock),
};

/** fal's keys have the form `id:secret`. Only the second part is secret. */
function secretsOf(key: string): string[] {
	const at = key.indexOf(':');
	return at < 0 ? [key] : [key, key.slice(at + 1)];
}
