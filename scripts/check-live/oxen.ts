import { z } from 'zod';
import { MODEL_NAMES, type ModelName } from '../../nodes/LumaRay/models/names';
import { OXEN } from '../../nodes/LumaRay/providers/oxen/catalogue';
import type { OxenEndpoints } from '../../nodes/LumaRay/providers/oxen/wire';
import { modelFact, type DescribeModel } from './models';
import {
	ask,
	expectAnswer,
	expectEqual,
	expectStatus,
	openStream,
	PIXEL,
	Unchecked,
	UNKNOWN_ID,
	type Fact,
} from './facts';

const FOLDER = 'nodes/LumaRay/providers/oxen';

/**
 * What the node relies on at Oxen.ai. Every request is free.
 * @param repository where the pixel is uploaded, as `namespace/name`; without it, the upload is not checked
 */
export function oxenFacts(
	key: string,
	{ baseUrl }: OxenEndpoints,
	describe: DescribeModel,
	repository?: string,
): Fact[] {
	const wire: Wire = { baseUrl, headers: { Authorization: `Bearer ${key}` } };
	return [
		...keyFacts(wire),
		...MODEL_NAMES.map((model) => modelFact(OXEN, model, `${FOLDER}/catalogue.ts`, describe)),
		...MODEL_NAMES.map((model) => priceFact(wire, model)),
		...listFacts(wire),
		...unknownJobFacts(wire),
		eventsFact(wire),
		uploadFact(wire, repository),
	];
}

interface Wire extends OxenEndpoints {
	headers: { Authorization: string };
}

function keyFacts(wire: Wire): Fact[] {
	const url = `${wire.baseUrl}/api/ai/queue`;
	return [
		{
			says: 'The credential test accepts this key',
			where: 'credentials/LumaRayOxenApi.credentials.ts',
			check: async () => expectStatus(await ask(url, wire), [200]),
		},
		{
			says: 'The credential test refuses a wrong key with 401',
			where: 'credentials/LumaRayOxenApi.credentials.ts',
			check: async () => expectStatus(await ask(url, { headers: { Authorization: 'Bearer wrong' } }), [401]),
		},
	];
}

function priceFact(wire: Wire, model: ModelName): Fact {
	return {
		says: `The description of ${model} has a price per second for each resolution`,
		where: `${FOLDER}/model.ts (createLivePrice)`,
		check: async () => {
			const answer = await ask(`${wire.baseUrl}/api/ai/models/${OXEN.models[model].endpoint}`, wire);
			const perSecond = z.object({ '540p': z.number().positive() }).passthrough();
			const described = z.object({
				pricing: z.object({ cost_per_second_by_resolution: perSecond }).passthrough(),
			});
			const wrapped = z.object({ data: described });
			expectAnswer(answer, 200, z.union([wrapped, described]));
		},
	};
}

const ROW = z.object({
	generation_id: z.string(),
	model_name: z.string().optional(),
	status: z.enum(['queued', 'processing', 'succeeded', 'failed', 'cancelled']),
	enqueued_at: z.number(),
});

function listFacts(wire: Wire): Fact[] {
	return [
		{
			says: 'The queue lists rows with ID, status and Unix times in seconds',
			where: `${FOLDER}/list.ts`,
			check: async () => {
				const answer = await ask(`${wire.baseUrl}/api/ai/queue`, wire);
				expectAnswer(answer, 200, z.object({ generations: z.array(ROW) }));
			},
		},
		{
			says: 'The generations list rows in pages',
			where: `${FOLDER}/list.ts`,
			check: async () => {
				const answer = await ask(`${wire.baseUrl}/api/ai/generations?page=1&page_size=5`, wire);
				const page = { generations: z.array(ROW), total_pages: z.number() };
				expectAnswer(answer, 200, z.object(page));
			},
		},
	];
}

function unknownJobFacts(wire: Wire): Fact[] {
	const notFound = async (method: string, path: string) =>
		expectStatus(await ask(`${wire.baseUrl}/api/ai/${path}/${UNKNOWN_ID}`, { ...wire, method }), [404]);
	return [
		{
			says: 'The row of an unknown request ID is 404',
			where: `${FOLDER}/queue.ts (readRow), ${FOLDER}/problems.ts`,
			check: async () => await notFound('GET', 'queue'),
		},
		{
			says: 'The record of an unknown request ID is 404',
			where: `${FOLDER}/queue.ts (readRecord)`,
			check: async () => await notFound('GET', 'generations'),
		},
		{
			says: 'The cancel of an unknown request ID is 404',
			where: `${FOLDER}/queue.ts (cancelJob)`,
			check: async () => await notFound('DELETE', 'queue'),
		},
	];
}

function eventsFact(wire: Wire): Fact {
	return {
		says: 'The event stream of the account opens',
		where: `${FOLDER}/accountEvents.ts`,
		check: async () => {
			const headers = { ...wire.headers, Accept: 'text/event-stream' };
			const { status, headers: answered } = await openStream(`${wire.baseUrl}/api/events`, { headers });
			expectEqual('HTTP status', 200, status);
			expectEqual('Content-Type', 'text/event-stream', answered.get('content-type')?.split(';')[0]);
		},
	};
}

function uploadFact({ baseUrl, headers }: Wire, repository?: string): Fact {
	return {
		says: 'An image of one pixel can be uploaded into a repository',
		where: `${FOLDER}/repository.ts`,
		check: async () => {
			if (!repository) throw new Unchecked('--repository names no repository of yours');
			const [namespace, name] = repository.split('/');
			const create = await ask(`${baseUrl}/api/repos`, {
				method: 'POST',
				headers: { ...headers, 'Content-Type': 'application/json' },
				body: JSON.stringify({ namespace, name, is_public: true }),
			});
			// 409: it already exists.
			expectStatus(create, [200, 201, 409]);
			const form = new FormData();
			form.set('message', 'Check the upload');
			form.set('name', 'n8n');
			form.set('email', 'n8n@localhost');
			form.set('files[]', new Blob([PIXEL], { type: 'image/png' }), 'pixel.png');
			const url = `${baseUrl}/api/repos/${repository}/file/main/n8n-luma-ray/check`;
			const put = await ask(url, { method: 'PUT', headers, body: form });
			expectAnswer(put, 200, z.object({ status: z.literal('success') }));
		},
	};
}
