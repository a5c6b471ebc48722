import type { ProviderId } from '../../nodes/LumaRay/models/names';
import { formatUsd, listPrice } from '../../nodes/LumaRay/models/prices';
import { CATALOGUES } from '../../nodes/LumaRay/providers/catalogues';
import { editionOf } from '../../nodes/LumaRay/providers/input';
import { lumaRayNode, PROVIDERS, readExample, type Provider } from '../../harness/n8n';
import { refuse } from './flags';

/** The provider that `--provider` names. Exits if there is no such provider. */
export function providerOf(flag: string): Provider {
	const provider = PROVIDERS[flag];
	if (provider) return provider;
	return refuse(`--provider '${flag}' is not one of: ${Object.keys(PROVIDERS).join(', ')}`);
}

/** The price of one run of the example at the real provider, as text: "540p, 5s: $0.50 at fal.ai". */
export function exampleCost(provider: Provider): string {
	const { resolution, duration } = lumaRayNode(readExample('animate-one-image')).parameters;
	const catalogue = CATALOGUES[provider.id as ProviderId];
	const clip = { resolution: String(resolution), duration: String(duration) };
	const { usd } = listPrice(editionOf(catalogue, 'animate'), clip);
	return `${resolution}, ${duration}: ${usd === null ? 'price unknown' : formatUsd(usd)} at ${catalogue.name}`;
}
