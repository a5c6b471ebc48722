import { createHash } from 'node:crypto';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { createFal, FAL_ENDPOINTS } from '../providers/fal/fal';
import { createOxen, OXEN_ENDPOINTS } from '../providers/oxen/oxen';
import type { Provider } from '../providers/provider';
import type { ProviderId } from '../models/names';
import { systemClock } from '../transport/clock';
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
	return {
		provider: createFal(http, endpoints, systemClock, logs),
		http,
		home: endpoints.queueUrl,
		account: accountOf(credential),
	};
}

async function connectOxen(context: HttpContext): Promise<Connection> {
	const credential = await context.getCredentials('lumaRayOxenApi');
	const endpoints = endpointsOf(credential, OXEN_ENDPOINTS);
	const http = createHttp(context, 'lumaRayOxenApi', originsOf(endpoints), [String(credential.apiKey ?? '')]);
	return {
		provider: createOxen(http, endpoints, systemClock),
		http,
		home: endpoints.baseUrl,
		account: accountOf(credential),
	};
}

/** The standard URLs, or those of the user if the credential has custom endpoints. An empty one means the standard one. */
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

/** A fal key is `id:secret`. The second part is a secret by itself; the first is not. */
function falSecrets({ apiKey }: ICredentialDataDecryptedObject): string[] {
	const key = String(apiKey ?? '');
	const at = key.indexOf(':');
	return at < 0 ? [key] : [key, key.slice(at + 1)];
}

function originsOf(endpoints: object): string[] {
	return Object.values(endpoints).flatMap((url) => originOf(String(url)) ?? []);
}
