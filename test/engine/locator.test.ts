import { LoadOptionsContext } from 'n8n-core';
import { NodeHelpers, type IDataObject, type INodeListSearchResult } from 'n8n-workflow';

import {
	additionalDataFor,
	runNode,
	sandboxCredentials,
	workflowFor,
	type Credentials,
} from '../../harness/engine/engine';
import { LumaRay } from '../../nodes/LumaRay/LumaRay.node';
import { startSandbox, type Sandbox } from '../../sandbox';
import { finish } from '../sandbox/support';

/** The Request ID field: the values that it accepts, and its list in n8n's editor. */

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: 600, queueSeconds: 0.01 });
});
afterEach(() => sandbox.reset());
afterAll(async () => await sandbox.close());

const { description, methods } = new LumaRay();

async function run(parameters: IDataObject, node = {}) {
	return await runNode({ credentials: sandboxCredentials(sandbox), parameters, node });
}

async function submit(provider: string, prompt = 'A tiger walks'): Promise<string> {
	const { items } = await run({ provider, prompt, waitMode: 'submit' });
	return items[0].json.requestId as string;
}

/** How many characters of an entry the list in n8n's editor shows at the usual width. n8n cuts off a longer entry. */
const LINE_CHARACTERS = 56;

/** The list, read as n8n's editor does. */
async function list(
	provider: string,
	{
		filter,
		token,
		credentials = sandboxCredentials(sandbox),
	}: { filter?: string; token?: string; credentials?: Credentials } = {},
): Promise<INodeListSearchResult> {
	const parameters = { resource: 'generation', operation: 'get', provider };
	const workflow = workflowFor({ credentials, parameters });
	const additionalData = { ...additionalDataFor(credentials), currentNodeParameters: parameters };
	const context = new LoadOptionsContext(
		workflow,
		workflow.getNode('Luma Ray')!,
		additionalData as never,
		'parameters.requestId',
	);
	return await methods.listSearch.searchGenerations.call(context, filter, token);
}

describe.each(['fal', 'oxen'])('Request ID at %s', (provider) => {
	const get = async (requestId: unknown) =>
		await run({ resource: 'generation', operation: 'get', provider, requestId: requestId as string });

	test.each([
		[
			'selected in the list',
			(id: string) => ({ __rl: true, mode: 'list', value: id, cachedResultName: 'A tiger' }),
		],
		['by ID', (id: string) => ({ __rl: true, mode: 'id', value: id })],
		['as an ID with spaces around it', (id: string) => ({ __rl: true, mode: 'id', value: ` ${id}\n` })],
		['as an expression', (id: string) => ({ __rl: true, mode: 'id', value: `={{ "${id}" }}` })],
		['as plain text', (id: string) => id],
		['as an expression for the whole field', (id: string) => `={{ "${id}" }}`],
		[
			'as a dashboard URL',
			(id: string) => ({ __rl: true, mode: 'url', value: `https://fal.ai/dashboard/requests/${id}` }),
		],
		[
			'as a status URL',
			(id: string) => ({
				__rl: true,
				mode: 'url',
				value: `https://queue.fal.run/luma/agent/requests/${id}/status?logs=1`,
			}),
		],
		[
			'as a response URL in the ID mode',
			(id: string) => ({ __rl: true, mode: 'id', value: `https://queue.fal.run/luma/agent/requests/${id}` }),
		],
		[
			'as a URL without https',
			(id: string) => ({ __rl: true, mode: 'id', value: `hub.oxen.ai/api/ai/queue/${id}` }),
		],
		[
			'as a URL with the ID in its query',
			(id: string) => ({ __rl: true, mode: 'url', value: `https://fal.ai/dashboard?request_id=${id}` }),
		],
	])('accepts the ID %s', async (_how, fieldFor) => {
		const id = await submit(provider);
		const { items, error } = await get(fieldFor(id));
		expect(error).toBeUndefined();
		expect(items[0].json).toMatchObject({ requestId: id, provider });
	});

	test.each([
		'https://fal.ai/dashboard/requests',
		'https://v3.fal.media/files/b/output.mp4',
		'fal.ai/dashboard',
		'https://',
		'https://fal.ai/?request_id=..',
	])('refuses the URL %s without a request and says what to paste', async (value) => {
		for (const mode of ['id', 'url']) {
			const { error } = await get({ __rl: true, mode, value });
			expect(error?.message).toBe("'Request ID' is a URL without a request ID [item 0]");
			expect(error?.description).toContain('Paste the request ID itself');
		}
		expect(sandbox.requests).toHaveLength(0);
	});

	test('lists the newest generations first, each with its prompt, status and age', async () => {
		const first = await submit(provider, `A tiger\nwalks ${'slowly '.repeat(20)}`);
		const second = await submit(provider, 'A lion sleeps');
		await finish(sandbox, sandbox.jobs[1]);
		const { results, paginationToken } = await list(provider);
		expect(results).toEqual([
			{ name: 'A lion sleeps (succeeded, just now)', value: second },
			{
				name: expect.stringMatching(/^A tiger walks slowly .+… \((queued|running), just now\)$/),
				value: first,
			},
		]);
		for (const { name } of results) expect(name.length).toBeLessThanOrEqual(LINE_CHARACTERS);
		expect(paginationToken).toBeUndefined();
	});

	test('finds a generation by its prompt, status or ID', async () => {
		const tiger = await submit(provider, 'A tiger walks');
		const lion = await submit(provider, 'A lion sleeps');
		await finish(sandbox, sandbox.jobs[1]);
		const found = async (filter: string) =>
			(await list(provider, { filter })).results.map(({ value }) => value);
		expect(await found('TIGER')).toEqual([tiger]);
		expect(await found('succeeded')).toEqual([lion]);
		expect(await found(tiger.slice(0, 13))).toEqual([tiger]);
		expect(await found('bear')).toEqual([]);
	});

	test('lists page by page, even if a new generation is added between two pages', async () => {
		const ids: string[] = [];
		for (let count = 0; count < 30; count++) ids.unshift(await submit(provider, `Number ${count}`));
		const first = await list(provider);
		expect(first.results.map(({ value }) => value)).toEqual(ids.slice(0, 25));
		await submit(provider, 'One more');
		const next = await list(provider, { token: first.paginationToken });
		expect(next.results.map(({ value }) => value)).toEqual(ids.slice(25));
		expect(next.paginationToken).toBeUndefined();
	});

	test('shows an error in the list if the key is wrong', async () => {
		const credentials = structuredClone(sandboxCredentials(sandbox));
		for (const credential of Object.values(credentials)) credential.apiKey = 'wrong:key';
		const error = await list(provider, { credentials }).catch((thrown: Error) => thrown);
		expect(error).toMatchObject({ httpCode: '401', message: expect.stringMatching(/API key/) });
	});
});

test.each([
	[false, ['list', 'id', 'url'], 'list'],
	[true, ['id', 'url'], 'id'],
])('Request ID has the right modes (AI tool: %s): %j', (isTool, modes, preset) => {
	const node = { type: isTool ? 'lumaRayTool' : 'lumaRay', typeVersion: 1 };
	const values = { resource: 'generation', operation: 'get', provider: 'fal' };
	const type = isTool ? { ...description, name: 'lumaRayTool' } : description;
	const shown = description.properties.filter(
		(field) =>
			field.name === 'requestId' && NodeHelpers.displayParameter(values, field, node as never, type as never),
	);
	expect(shown).toHaveLength(1);
	expect(shown[0].modes?.map(({ name }) => name)).toEqual(modes);
	expect(shown[0].default).toMatchObject({ mode: preset });
});
