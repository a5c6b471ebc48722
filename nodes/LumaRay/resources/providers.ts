import type { INodeCredentialDescription } from 'n8n-workflow';

import { OFFERED } from '../providers/offered';

/** The providers of this package in the descriptions of the nodes. */

const ENTRIES = Object.entries(OFFERED);

/** The names in a sentence: `fal.ai or Oxen.ai`. */
export const providerNames = ENTRIES.map(([, { catalogue }]) => catalogue.name).join(' or ');

/**
 * The credential of each provider, for the chosen one. `hide`, not `show`: if every choice of a field shows a
 * credential, n8n's editor treats the field as the choice of authentication and hides it.
 */
export const credentials = ENTRIES.map(([id, { credential }]): INodeCredentialDescription => {
	const provider = ENTRIES.flatMap(([other]) => (other === id ? [] : [other]));
	const displayOptions = provider.length === 0 ? {} : { displayOptions: { hide: { provider } } };
	return { name: credential.name, required: true, ...displayOptions };
});
