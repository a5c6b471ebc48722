import type { ICredentialType } from 'n8n-workflow';

import { PARAMETERS, type ParameterName } from '../../models/parameters';
import type { ProviderId } from '../../models/names';
import type { ProviderEntry } from '../../providers/entry';
import { OFFERED } from '../../providers/offered';
import { OPTION_FIELDS, type OptionName } from '../optionFields';

/** The names that messages contain: of fields, credentials and providers. */

/** A provider's names in messages. */
export interface ProviderNames extends Pick<ProviderEntry, 'links' | 'credential' | 'endpoint' | 'money'> {
	/** The provider's name as users know it. */
	name: string;
}

/** @param id of the provider, from a problem */
export function namesOf(id: string): ProviderNames {
	const entry = OFFERED[id as ProviderId];
	return { ...entry, name: entry.catalogue.name };
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

/** The description of the API key in a credential. */
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
