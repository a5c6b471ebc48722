import type { Http, HttpRequest, HttpResult, Content } from '../../nodes/LumaRay/transport/http';

const TIMEOUT_MS = 30_000;

/** HTTP without a key and outside n8n, for documents that the providers give to everybody. */
export function createFetchHttp(): Http {
	const read = async ({ method, url, query }: HttpRequest): Promise<HttpResult<Content>> => {
		const address = new URL(url);
		for (const [name, value] of Object.entries(query ?? {})) address.searchParams.set(name, String(value));
		try {
			const response = await fetch(address, { method, signal: AbortSignal.timeout(TIMEOUT_MS) });
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
		authenticated: read,
		plain: read,
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
