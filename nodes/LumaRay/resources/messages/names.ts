import type { ICredentialType } from 'n8n-workflow';

import { LumaRayFalApi } from '../../../../credentials/LumaRayFalApi.credentials';
import { LumaRayOxenApi } from '../../../../credentials/LumaRayOxenApi.credentials';
import { FAL_LINKS } from '../../providers/fal/links';
import { OXEN_LINKS } from '../../providers/oxen/links';
import type { ProviderLinks } from '../../providers/provider';
import { PARAMETERS, type ParameterName } from '../../models/parameters';
import type { ProviderId } from '../../models/names';
import { CATALOGUES } from '../../providers/catalogues';
import { OPTION_FIELDS, type OptionName } from '../optionFields';

/** The names that messages contain: of fields, credentials and providers. */

/** What messages say about a provider. */
export interface ProviderNames {
	/** The provider's name as users know it. */
	name: string;
	links: ProviderLinks;
	credential: ICredentialType;
	/** The credential's field for the URL that is most often wrong. */
	endpoint: string;
	/** What the account pays with. */
	money: { name: string; isMany: boolean };
}

const PROVIDERS: { [id in ProviderId]: ProviderNames } = {
	fal: {
		name: CATALOGUES.fal.name,
		links: FAL_LINKS,
		credential: new LumaRayFalApi(),
		endpoint: 'restUrl',
		money: { name: 'balance', isMany: false },
	},
	oxen: {
		name: CATALOGUES.oxen.name,
		links: OXEN_LINKS,
		credential: new LumaRayOxenApi(),
		endpoint: 'baseUrl',
		money: { name: 'credits', isMany: true },
	},
};

/** @param id of the provider, from a problem */
export function namesOf(id: string): ProviderNames {
	return PROVIDERS[id as ProviderId];
}

/** The display name of an option, in single quotes as n8n writes parameters. */
export function option(name: OptionName): string {
	return quoted(OPTION_FIELDS[name].displayName);
}

/** The display name of a parameter of the model, in single quotes. The name of an unknown one is returned unchanged. */
export function parameter(name: string): string {
	return quoted(Object.hasOwn(PARAMETERS, name) ? PARAMETERS[name as ParameterName].label : name);
}

/** The display name of a credential's field, in single quotes. */
export function credentialField({ credential }: ProviderNames, name: string): string {
	return quoted(fieldOf(credential, name)?.displayName ?? name);
}

/** What a credential says about its API key. */
export function aboutKey({ credential }: ProviderNames): string {
	return `${fieldOf(credential, 'apiKey')?.description ?? ''}.`;
}

export function quoted(name: string): string {
	return `'${name}'`;
}

function fieldOf({ properties }: ICredentialType, name: string) {
	return properties.find((property) => property.name === name);
}

export function upperFirst(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A number with its noun: `1 minute`, `2 minutes`. */
export function counted(count: number, noun: string): string {
	return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
