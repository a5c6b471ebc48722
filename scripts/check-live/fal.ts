import { z } from 'zod';
import { MODEL_NAMES, type ModelName } from '../../nodes/LumaRay/models/names';
import { listPrice, timesCheapest } from '../../nodes/LumaRay/models/prices';
import { FAL } from '../../nodes/LumaRay/providers/fal/catalogue';
import type { FalEndpoints } from '../../nodes/LumaRay/providers/fal/wire';
import { modelFact, type DescribeModel } from './models';
import {
	ask,
	Difference,
	expectAnswer,
	expectEqual,
	expectStatus,
	PIXEL,
	UNKNOWN_ID,
	type Fact,
} from './facts';

const FOLDER = 'nodes/LumaRay/providers/fal';
const WRONG_KEY = 'wrong:key';

/** What the node relies on at fal.ai. Every request is free. */
export function falFacts(key: string, endpoints: FalEndpoints, describe: DescribeModel): Fact[] {
	const wire: Wire = { ...endpoints, headers: { Authorization: `Key ${key}` } };
	return [
		...keyFacts(wire),
		...MODEL_NAMES.map((model) => modelFact(FAL, model, `${FOLDER}/catalogue.ts`, describe)),
		...MODEL_NAMES.map((model) => priceFact(wire, model)),
		...MODEL_NAMES.map((model) => listFact(wire, model)),
		...unknownJobFacts(wire),
		...storageFacts(wire),
		webhookKeysFact(wire),
	];
}

interface Wire extends FalEndpoints {
	headers: { Authorization: string };
}

function pricingUrl({ apiUrl }: FalEndpoints, model: ModelName): string {
	return `${apiUrl}/v1/models/pricing?endpoint_id=${encodeURIComponent(FAL.models[model].endpoint)}`;
}

function keyFacts(wire: Wire): Fact[] {
	const url = pricingUrl(wire, 'animate');
	return [
		{
			says: 'The credential test accepts this key',
			where: 'credentials/LumaRayFalApi.credentials.ts',
			check: async () => expectStatus(await ask(url, wire), [200]),
		},
		{
			says: 'The credential test refuses a wrong key with 401',
			where: 'credentials/LumaRayFalApi.credentials.ts',
			check: async () =>
				expectStatus(await ask(url, { headers: { Authorization: `Key ${WRONG_KEY}` } }), [401]),
		},
	];
}

const PRICES = z.object({
	prices: z.array(z.object({ endpoint_id: z.string(), unit_price: z.number().positive(), unit: z.string() })),
});

/** fal's names of the price unit, for models priced by the cheapest clip and for models priced by the second. */
const UNITS = { clip: ['unit', 'units', 'video', 'videos'], second: ['second', 'seconds'] };

function priceFact(wire: Wire, model: ModelName): Fact {
	const { endpoint, editions } = FAL.models[model];
	return {
		says: `The live unit price of ${model} is the cheapest price of an edition`,
		where: `${FOLDER}/catalogue.ts (prices), ${FOLDER}/prices.ts (units)`,
		check: async () => {
			const { prices } = expectAnswer(await ask(pricingUrl(wire, model), wire), 200, PRICES);
			const price = prices.find(({ endpoint_id: id }) => id === endpoint);
			if (!price) throw new Difference(`a price of ${endpoint}`, JSON.stringify(prices));
			const { per } = editions[0].prices;
			if (!UNITS[per].includes(price.unit))
				throw new Difference(`unit ${UNITS[per].join(' or ')}`, price.unit);
			const cheapest = new Set(editions.map(cheapestUsd));
			if (cheapest.has(price.unit_price)) return;
			throw new Difference(`unit_price ${[...cheapest].join(' or ')}`, String(price.unit_price));
		},
	};
}

/** The price of the cheapest clip, or second, of an edition in USD. */
function cheapestUsd(edition: Parameters<typeof timesCheapest>[0]): number | undefined {
	const { prices } = edition;
	if (prices.per === 'second') return Math.min(...Object.values(prices.usd));
	const clips = Object.entries(prices.usd).flatMap(([resolution, byDuration]) =>
		Object.keys(byDuration).map((duration) => ({ resolution, duration })),
	);
	const cheapest = clips.find((clip) => timesCheapest(edition, clip) === 1);
	return cheapest && (listPrice(edition, cheapest).usd ?? undefined);
}

function listFact(wire: Wire, model: ModelName): Fact {
	return {
		says: `The list of ${model} answers with items and a cursor`,
		where: `${FOLDER}/list.ts`,
		check: async () => {
			const query = new URLSearchParams({
				endpoint_id: FAL.models[model].endpoint,
				start: new Date(Date.now() - 30 * 24 * 3600 * 1000).toISOString(),
				limit: '1',
				expand: 'payloads',
			});
			const answer = await ask(`${wire.apiUrl}/v1/models/requests/by-endpoint?${query}`, wire);
			const item = z.object({
				request_id: z.string().uuid(),
				sent_at: z.string(),
				started_at: z.string().nullish(),
				ended_at: z.string().nullish(),
				status_code: z.number().nullish(),
				json_input: z.object({}).passthrough().nullish(),
			});
			expectAnswer(answer, 200, z.object({ items: z.array(item), next_cursor: z.string().nullish() }));
		},
	};
}

function unknownJobFacts(wire: Wire): Fact[] {
	const job = `${wire.queueUrl}/luma/agent/requests/${UNKNOWN_ID}`;
	const notFound = async (method: string, path: string) =>
		expectStatus(await ask(`${job}${path}`, { ...wire, method }), [404]);
	return [
		{
			says: 'The status of an unknown request ID is 404',
			where: `${FOLDER}/queue.ts (readProgress), ${FOLDER}/problems.ts`,
			check: async () => await notFound('GET', '/status'),
		},
		{
			says: 'The status is refused with 401 for a wrong key',
			where: `${FOLDER}/problems.ts`,
			check: async () => {
				const headers = { Authorization: `Key ${WRONG_KEY}` };
				expectStatus(await ask(`${job}/status`, { headers }), [401]);
			},
		},
		{
			says: 'The result of an unknown request ID is 404',
			where: `${FOLDER}/queue.ts (readOutcome)`,
			check: async () => await notFound('GET', ''),
		},
		{
			says: 'The cancel of an unknown request ID is 404 with status NOT_FOUND',
			where: `${FOLDER}/queue.ts (cancelJob)`,
			check: async () => {
				const answer = await ask(`${job}/cancel`, { ...wire, method: 'PUT' });
				expectAnswer(answer, 404, z.object({ status: z.literal('NOT_FOUND') }));
			},
		},
		{
			says: 'The event stream of an unknown request ID is 404',
			where: `${FOLDER}/statusStreams.ts`,
			check: async () => await notFound('GET', '/status/stream'),
		},
	];
}

function storageFacts({ restUrl, headers }: Wire): Fact[] {
	let fileUrl: string | undefined;
	return [
		{
			says: 'An image of one pixel can be uploaded',
			where: `${FOLDER}/storage.ts`,
			check: async () => {
				const initiate = await ask(`${restUrl}/storage/upload/initiate?storage_type=fal-cdn-v3`, {
					method: 'POST',
					headers: { ...headers, 'Content-Type': 'application/json' },
					body: JSON.stringify({ content_type: 'image/png', file_name: 'pixel.png' }),
				});
				const urls = z.object({ upload_url: z.string().url(), file_url: z.string().url() });
				const { upload_url: uploadUrl, file_url: at } = expectAnswer(initiate, 200, urls);
				const put = { method: 'PUT', headers: { 'Content-Type': 'image/png' }, body: PIXEL };
				expectStatus(await ask(uploadUrl, put), [200, 201, 204]);
				fileUrl = at;
			},
		},
		{
			says: 'The uploaded image can be read without a key',
			where: `${FOLDER}/storage.ts`,
			check: async () => {
				if (!fileUrl) throw new Difference('an address from the upload', 'none');
				const read = await ask(fileUrl);
				expectStatus(read, [200]);
				expectEqual('Content-Type', 'image/png', read.headers.get('content-type'));
			},
		},
	];
}

function webhookKeysFact({ restUrl }: Wire): Fact {
	return {
		says: 'The keys that sign webhooks are Ed25519 keys of a JWKS',
		where: `${FOLDER}/webhook.ts`,
		check: async () => {
			const jwk = z.object({ x: z.string().min(40), kty: z.literal('OKP').optional() });
			const answer = await ask(`${restUrl}/.well-known/jwks.json`);
			expectAnswer(answer, 200, z.object({ keys: z.array(jwk).min(1) }));
		},
	};
}
