import { createHash } from 'node:crypto';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { createFal, FAL_ENDPOINTS } from '../providers/fal/fal';
import { createOxen, OXEN_ENDPOINTS } from '../providers/oxen/oxen';
import type { Provider } from '../providers/provider';
import type { ProviderId } from '../models/names';
import { systemClock } from '../transport/clock';
import { createHttp, type Http, type HttpContext } from '../transport/http';
import { originOf, trimBase } from '../transport/urls';

/** A provider as the person's credential reaches it. */
export interface Connection {
	provider: Provider;
	http: Http;
	/** An address of the provider's, to judge where a video may come from. */
	home: string;
	/** Tells the accounts of a provider apart, without their keys. */
	account: string;
}

/** Connects to the chosen provider with the credential that belongs to it. */
export async function connect(
	context: HttpContext,
	id: ProviderId,
	options: { logs: boolean },
): Promise<Connection> {
	return await CONNECTORS[id](context, options);
}

const CONNECTORS: {
	[id in ProviderId]: (context: HttpContext, options: { logs: boolean }) => Promise<Connection>;
} = {
	fal: connectFal,
	oxen: connectOxen,
};

async function connectFal(context: HttpContext, { logs }: { logs: boolean }): Promise<Connection> {
	const credential = await context.getCredentials('lumaRayFalApi');
	const endpoints = endpointsOf(credential, FAL_ENDPOINTS);
	const http = createHttp(context, 'lumaRayFalApi', originsOf(endpoints), falSecrets(credential));
	const account = accountOf(credential);
	return {
		provider: createFal(http, endpoints, systemClock, logs, account),
		http,
		home: endpoints.queueUrl,
		account,
	};
}

async function connectOxen(context: HttpContext): Promise<Connection> {
	const credential = await context.getCredentials('lumaRayOxenApi');
	const endpoints = endpointsOf(credential, OXEN_ENDPOINTS);
	const http = createHttp(context, 'lumaRayOxenApi', originsOf(endpoints), [String(credential.apiKey ?? '')]);
	const account = accountOf(credential);
	return {
		provider: createOxen(http, endpoints, systemClock, account),
		http,
		home: endpoints.baseUrl,
		account,
	};
}

/** The standard addresses, or the person's own where the credential says so; a blank one stands for the standard. */
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

/** A key of fal's is `id:secret`; its second part is a secret on its own, its first is not. */
function falSecrets({ apiKey }: ICredentialDataDecryptedObject): string[] {
	const key = String(apiKey ?? '');
	const at = key.indexOf(':');
	return at < 0 ? [key] : [key, key.slice(at + 1)];
}

function originsOf(endpoints: object): string[] {
	return Object.values(endpoints).flatMap((url) => originOf(String(url)) ?? []);
}
