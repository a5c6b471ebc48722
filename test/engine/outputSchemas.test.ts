import Ajv from 'ajv';
import type { IDataObject, INodePropertyOptions } from 'n8n-workflow';

import { runNode, sandboxCredentials } from '../../harness/engine/engine';
import { LumaRay } from '../../nodes/LumaRay/LumaRay.node';
import { OUTPUT_SCHEMAS, type OutputSchema } from '../../scripts/lib/output-schemas';
import { finish, useSandbox } from '../sandbox/support';

/** n8n offers the fields of these schemas to the next node, so the node must really return them. */

const sandbox = useSandbox({ edition: '2026-10' });
const VIDEO_URL = 'https://videos.example.com/tiger.mp4';

type Item = IDataObject;

async function run(parameters: IDataObject): Promise<Item[]> {
	const { items, error } = await runNode({ credentials: sandboxCredentials(sandbox), parameters });
	expect(error?.message).toBeUndefined();
	return items.map(({ json }) => (parameters.resource === 'generation' ? withValues(json) : json));
}

/** An item without its empty keys, except the model. Empty keys are left out of the schema. */
function withValues(item: Item): Item {
	return Object.fromEntries(Object.entries(item).filter(([key, value]) => value !== null || key === 'model'));
}

/** A stricter copy of a schema: it allows no properties that are not listed. */
function strict(schema: OutputSchema): object {
	const { properties, items } = schema;
	const inside = Object.entries(properties ?? {}).map(([key, inner]) => [key, strict(inner)] as const);
	return {
		...schema,
		...(properties ? { properties: Object.fromEntries(inside), additionalProperties: false } : {}),
		...(items ? { items: strict(items) } : {}),
	};
}

/** The differences between an item and the schema of its operation, one line per problem. */
function mismatches(resource: string, operation: string, item: Item): string[] {
	const ajv = new Ajv({ allErrors: true });
	ajv.validate(strict(OUTPUT_SCHEMAS[resource][operation]), item);
	return (ajv.errors ?? []).map(
		({ dataPath, message, params }) => `${dataPath} ${message} ${JSON.stringify(params)}`,
	);
}

/** Adds an EXR file, and logs, which only fal.ai has. */
const EXR_FIELDS: IDataObject = { additionalFields: '{"hdr":true,"exr_export":true}' };
const withExr = (options: IDataObject): IDataObject => ({
	resolution: '720p',
	options: { ...options, includeLogs: true },
});
const onlyFal = async (provider: string, parameters: IDataObject): Promise<Item[]> =>
	provider === 'fal' ? await run(parameters) : [];

/** Runs of each operation that together return every field. */
const RUNS: { [resource: string]: { [operation: string]: (provider: string) => Promise<Item[]> } } = {
	video: {
		animate: async (provider) => [
			...(await run({ provider })),
			...(await run({ provider, waitMode: 'submit' })),
			...(await onlyFal(provider, withExr(EXR_FIELDS))),
		],
		generate: async (provider) => [
			...(await run({ provider, operation: 'generate' })),
			...(await onlyFal(provider, { operation: 'generate', ...withExr({ hdr: true, exrExport: true }) })),
		],
		edit: async (provider) => [
			...(await run({ provider, ...edit({ editStrength: 'auto' }) })),
			...(await onlyFal(provider, edit({ ...CONTROLLED, ...withExr({ hdr: true, exrExport: true }) }))),
		],
		reframe: async (provider) => [
			...(await run({ provider, ...REFRAME })),
			...(await onlyFal(provider, { ...REFRAME, options: { includeLogs: true } })),
		],
	},
	generation: {
		get: async (provider) => [
			...(await aboutJobs('get', provider)),
			...(await onlyFal(provider, await exrJob('get'))),
		],
		wait: async (provider) => [
			...(await run({ ...WAIT, provider, requestId: await submitted(provider) })),
			...(await onlyFal(provider, { ...(await exrJob('wait')), options: { includeLogs: true } })),
		],
		getMany: async (provider) => {
			await aboutJobs('get', provider);
			return await run({ resource: 'generation', operation: 'getMany', provider });
		},
		cancel: async (provider) => await aboutJobs('cancel', provider),
	},
	model: {
		get: async (provider) => await run({ resource: 'model', operation: 'get', provider }),
		estimateCost: async (provider) => [
			...(await run({ ...ESTIMATE, provider })),
			...(await run({ ...ESTIMATE, provider, modelOperation: 'reframe', duration: 'source' })),
		],
	},
};

const REFRAME: IDataObject = { operation: 'reframe', videoUrl: VIDEO_URL, duration: 'source' };
const WAIT: IDataObject = { resource: 'generation', operation: 'wait' };
const ESTIMATE: IDataObject = { resource: 'model', operation: 'estimateCost' };
const CONTROLLED: IDataObject = {
	editStrength: 'controls',
	controls: { depth: true, depthBlur: 0.5, pose: true, poseStrength: 'precise' },
};

/** The parameters of an operation on a job at fal.ai with an EXR file. */
async function exrJob(operation: string): Promise<IDataObject> {
	const [{ requestId }] = await run({ ...withExr(EXR_FIELDS), waitMode: 'submit' });
	await finish(sandbox, sandbox.jobs.at(-1)!);
	return { resource: 'generation', operation, requestId };
}

function edit(parameters: IDataObject): IDataObject {
	return { operation: 'edit', videoUrl: VIDEO_URL, imageSource: 'none', imageUrl: '', ...parameters };
}

async function submitted(provider: string): Promise<string> {
	const [item] = await run({ provider, waitMode: 'submit' });
	return item.requestId as string;
}

/** The items about a job that succeeded, one that failed, and one that may still run. */
async function aboutJobs(operation: string, provider: string): Promise<Item[]> {
	const about = async (requestId: string) =>
		await run({ resource: 'generation', operation, provider, requestId });
	const succeeded = await submitted(provider);
	await finish(sandbox, sandbox.jobs[0]);
	sandbox.faults.add({ endpoint: 'submit', fault: { kind: 'jobFails', message: 'No such tiger' } });
	const failed = await submitted(provider);
	await finish(sandbox, sandbox.jobs[1]);
	sandbox.faults.clear();
	const fresh = await submitted(provider);
	return [...(await about(succeeded)), ...(await about(failed)), ...(await about(fresh))];
}

const OPERATIONS = Object.entries(OUTPUT_SCHEMAS).flatMap(([resource, operations]) =>
	Object.keys(operations).map((operation) => [resource, operation] as const),
);

/** The items that each operation returned. */
const returned = new Map<string, Item[]>();

describe.each(OPERATIONS)('%s: %s', (resource, operation) => {
	test.each(['fal', 'oxen'])('returns exactly the fields of its schema at %s', async (provider) => {
		const items = await RUNS[resource][operation](provider);
		expect(items.length).toBeGreaterThan(0);
		for (const item of items) expect(mismatches(resource, operation, item)).toEqual([]);
		const key = `${resource}:${operation}`;
		returned.set(key, [...(returned.get(key) ?? []), ...items]);
	});

	test('returns every field of its schema at least once', () => {
		const items = returned.get(`${resource}:${operation}`)!;
		const seen = new Set(items.flatMap((item) => Object.keys(item)));
		const promised = Object.keys(OUTPUT_SCHEMAS[resource][operation].properties!);
		expect(promised.filter((key) => !seen.has(key))).toEqual([]);
	});
});

test('every operation of the form has a schema, and no other operation has one', () => {
	const { properties } = new LumaRay().description;
	const inForm = properties
		.filter(({ name }) => name === 'operation')
		.flatMap(({ displayOptions, options = [] }) =>
			options.map((one) => [displayOptions!.show!.resource![0], (one as INodePropertyOptions).value]),
		);
	expect(OPERATIONS.map(String).sort()).toEqual(inForm.map(String).sort());
});

test('the fields that most workflows use are the first ones in a schema', () => {
	for (const schema of [...Object.values(OUTPUT_SCHEMAS.video), OUTPUT_SCHEMAS.generation.get]) {
		expect(Object.keys(schema.properties!).slice(0, 3)).toEqual(['videoUrl', 'status', 'requestId']);
	}
});
