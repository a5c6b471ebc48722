import { clipPrice, formatUsd } from '../../nodes/LumaRay/ray/price';
import type { Duration, ProviderId, Resolution } from '../../nodes/LumaRay/ray/table';
import { TABLES } from '../../nodes/LumaRay/ray/tables';
import { lumaRayNode, PROVIDERS, readExample, type Provider } from '../../harness/n8n';
import { refuse } from './flags';

/** The provider that `--provider` names; ends the process if there is none of that name. */
export function providerOf(flag: string): Provider {
	const provider = PROVIDERS[flag];
	if (provider) return provider;
	return refuse(`--provider '${flag}' is not one of: ${Object.keys(PROVIDERS).join(', ')}`);
}

/** What one run of the example costs at the real provider, in words: "540p, 5s: $0.50 at fal.ai". */
export function exampleCost(provider: Provider): string {
	const { resolution, duration } = lumaRayNode(readExample('animate-one-image')).parameters;
	const table = TABLES[provider.id as ProviderId];
	const { usd } = clipPrice(table, resolution as Resolution, duration as Duration);
	return `${resolution}, ${duration}: ${formatUsd(usd)} at ${table.name}`;
}
