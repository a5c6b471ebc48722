import { createHash } from 'node:crypto';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { OFFERED } from '../providers/offered';
import type { Provider } from '../providers/provider';
import type { ProviderId } from '../models/names';
import { createHttp, type Http, type HttpContext } from '../transport/http';
import { originOf, trimBase } from '../transport/urls';

/** A provider, with the user's credential. */
export interface Connection {
	provider: Provider;
	http: Http;
	/** A URL of the provider, to decide which hosts a video may come from. */
	home: string;
	/** Identifies the account at the provider, without its key. */
	account: string;
}

/** Connects to the chosen provider with the credential that belongs to it. */
export async function connect(
	context: HttpContext,
	id: ProviderId,
	options: { logs: boolean },
): Promise<Connection> {
	const entry = OFFERED[id];
	const { name } = entry.credential;
	const credential = await context.getCredentials(name);
	const endpoints = endpointsOf(credential, entry.endpoints);
	const secrets = entry.secretsOf(String(credential.apiKey ?? ''));
	const http = createHttp(context, name, originsOf(endpoints), secrets);
	const account = accountOf(credential);
	return {
		provider: entry.create(http, endpoints, account, options.logs),
		http,
		home: entry.homeOf(endpoints),
		account,
	};
}

/** The standard URLs. Custom endpoints in the credential replace them, unless a field is empty. */
export function endpointsOf<T extends { [key in keyof T]: string }>(
	credential: ICredentialDataDecryptedObject,
	standard: T,
): T {
	if (credential.customEndpoints !== true) return standard;
	return Object.fromEntries(
		Object.entries<string>(standard).map(([name, url]) => [
			name,
			trimBase(String(credential[name] ?? '')) || url,
		]),
	) as T;
}

function accountOf({ apiKey }: ICredentialDataDecryptedObject): string {
	return createHash('sha256')
		.update(String(apiKey ?? ''))
		.digest('hex');
}

function originsOf(endpoints: object): string[] {
	return Object.values(endpoints).flatMap((url) => originOf(String(url)) ?? []);
}
