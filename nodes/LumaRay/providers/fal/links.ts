import type { ProviderLinks } from '../provider';

/** fal's web pages for users. */
export const FAL_LINKS: ProviderLinks = {
	jobs: 'https://fal.ai/dashboard/requests',
	keys: 'https://fal.ai/dashboard/keys',
	billing: 'https://fal.ai/dashboard/billing',
	status: 'https://status.fal.ai',
};
