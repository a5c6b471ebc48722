import type { ProviderLinks } from '../provider';

/** Oxen's web pages for users. */
export const OXEN_LINKS: ProviderLinks = {
	jobs: 'https://www.oxen.ai/ai/generations',
	keys: 'https://www.oxen.ai/settings',
	billing: 'https://www.oxen.ai/settings/billing',
};
