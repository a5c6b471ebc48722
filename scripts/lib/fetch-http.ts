import type { Http, HttpRequest, HttpResult, Content } from '../../nodes/LumaRay/transport/http';

const TIMEOUT_MS = 30_000;

/**
 * HTTP outside n8n, for documents that the providers give to everybody.
 * @param authorization goes along with authenticated requests, all of which must be to the provider's own addresses
 */
export function createFetchHttp(authorization?: string): Http {
	const readWith =
		(headers: { [name: string]: string }) =>
		async ({ method, url, query }: HttpRequest): Promise<HttpResult<Content>> => {
			const address = new URL(url);
			for (const [name, value] of Object.entries(query ?? {})) address.searchParams.set(name, String(value));
			try {
				const response = await fetch(address, {
					method,
					headers,
					redirect: 'error',
					signal: AbortSignal.timeout(TIMEOUT_MS),
				});
				const text = await response.text();
				return {
					answered: true,
					status: response.status,
					headers: Object.fromEntries(response.headers),
					body: contentOf(text),
				};
			} catch {
				return { answered: false, reason: 'broken', why: 'connectionLost' };
			}
		};
	const stream = async (): Promise<never> => {
		throw new Error('Streams are not read here');
	};
	return {
		authenticated: readWith(authorization === undefined ? {} : { authorization }),
		plain: readWith({}),
		authenticatedStream: stream,
		authenticatedEvents: stream,
		plainStream: stream,
		trusts: () => false,
	};
}

function contentOf(text: string): Content {
	try {
		return { json: JSON.parse(text), text: '' };
	} catch {
		return { text };
	}
}
