import type { Http, HttpRequest, HttpResult, Content } from '../../nodes/LumaRay/transport/http';

const TIMEOUT_MS = 30_000;

/**
 * HTTP without n8n, for single reads and submits.
 * @param authorization sent with authenticated requests. They must all go to the provider's own addresses
 */
export function createFetchHttp(authorization?: string): Http {
	const send = async (request: HttpRequest, key?: string): Promise<HttpResult<Content>> => {
		const { method, url, query, headers, body, timeoutMs = TIMEOUT_MS } = request;
		const address = new URL(url);
		for (const [name, value] of Object.entries(query ?? {})) address.searchParams.set(name, String(value));
		try {
			const response = await fetch(address, {
				method,
				headers: {
					...headers,
					...(key === undefined ? {} : { Authorization: key }),
					...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
				},
				...(body === undefined ? {} : { body: JSON.stringify(body) }),
				redirect: 'manual',
				signal: AbortSignal.timeout(timeoutMs),
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
		authenticated: async (request) => await send(request, authorization),
		plain: async (request) => await send(request),
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
