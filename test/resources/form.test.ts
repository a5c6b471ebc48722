import { NodeHelpers, type INode, type INodeParameters, type INodeProperties } from 'n8n-workflow';

import { LumaRay } from '../../nodes/LumaRay/LumaRay.node';

/** What the form shows, as n8n derives it from the node's description. */

const { description } = new LumaRay();
const { properties } = description;
const NODE = { type: 'lumaRay', typeVersion: 1 } as INode;

const optionsOf = (operation: string) =>
	properties.find(
		({ name, displayOptions }) => name === 'options' && displayOptions?.show?.operation?.includes(operation),
	)!.options as INodeProperties[];

/** The options that the editor shows or offers for these values. */
function shownOptions(values: INodeParameters): string[] {
	const root = { resource: 'video', operation: 'edit', provider: 'oxen', waitMode: 'wait', ...values };
	const set = (root as { options?: INodeParameters }).options ?? {};
	return optionsOf(root.operation)
		.filter((option) => NodeHelpers.displayParameter(set, option, NODE, description, root))
		.map(({ name }) => name);
}

/** The parameters that n8n passes to the node. */
function kept(values: INodeParameters): INodeParameters {
	const root = { resource: 'video', operation: 'edit', provider: 'oxen', ...values };
	return NodeHelpers.getNodeParameters(properties, root, true, false, NODE, description)!;
}

test.each(['animate', 'generate', 'edit', 'reframe'])(
	'the first option of %s is Maximum Cost, and the others are sorted',
	(operation) => {
		const [first, ...others] = optionsOf(operation).map(({ displayName }) => displayName);
		expect(first).toBe('Maximum Cost (USD)');
		expect(others).toEqual([...others].sort((one, other) => one.localeCompare(other)));
	},
);

describe('options that depend on another option', () => {
	test('Repository and Branch appear only with Image Upload set to Repository', () => {
		const own = (options: INodeParameters) =>
			shownOptions({ options }).filter((name) => ['repository', 'branch'].includes(name));
		expect(own({})).toEqual([]);
		expect(own({ imageUpload: 'inline' })).toEqual([]);
		expect(own({ imageUpload: 'repository' }).sort()).toEqual(['branch', 'repository']);
	});

	test('Callback Base URL appears only with Callback set to Custom', () => {
		const own = (options: INodeParameters) =>
			shownOptions({ provider: 'fal', waitMode: 'suspend', options }).includes('callbackBaseUrl');
		expect(own({})).toBe(false);
		expect(own({ callback: 'never' })).toBe(false);
		expect(own({ callback: 'custom' })).toBe(true);
	});

	test('options are ignored while they are hidden', () => {
		const options = { repository: 'me/pictures', branch: 'main' };
		expect(kept({ options }).options).toEqual({});
		expect(kept({ options: { ...options, imageUpload: 'repository' } }).options).toMatchObject(options);
	});
});

test('Download Video is on by default, and hidden if nothing is downloaded', () => {
	const preset = (values: INodeParameters) => kept(values).downloadVideo;
	expect(preset({ waitMode: 'wait' })).toBe(true);
	expect(preset({ waitMode: 'suspend' })).toBe(true);
	expect(preset({ waitMode: 'submit' })).toBeUndefined();
	const generation = { resource: 'generation', requestId: 'a' };
	expect(preset({ ...generation, operation: 'get' })).toBe(true);
	expect(preset({ ...generation, operation: 'wait' })).toBe(true);
	expect(preset({ ...generation, operation: 'getMany' })).toBeUndefined();
});

test('actions contain no articles', () => {
	const actions = properties
		.filter(({ name }) => name === 'operation')
		.flatMap(({ options }) => (options as Array<{ action: string }>).map(({ action }) => action));
	expect(actions).toHaveLength(10);
	expect(actions.filter((action) => /\b(a|an|the)\b/i.test(action))).toEqual([]);
});

test('price fields accept cents', () => {
	const all = [...properties, ...optionsOf('animate')].filter(({ displayName }) =>
		displayName.endsWith('(USD)'),
	);
	expect(all).toHaveLength(3);
	for (const { typeOptions } of all) expect(typeOptions?.numberPrecision).toBe(2);
});

const fieldOf = (name: string, operation: string) =>
	properties.find(
		(field) => field.name === name && field.displayOptions?.show?.operation?.includes(operation),
	)!;

test('the prompt of each operation has a different example', () => {
	const examples = ['animate', 'generate', 'edit', 'reframe'].map(
		(operation) => fieldOf('prompt', operation).placeholder,
	);
	for (const example of examples) expect(example).toMatch(/^e\.g\. /);
	expect(new Set(examples).size).toBe(examples.length);
});

test('Edit Video says that its image is the first frame of the new video', () => {
	for (const name of ['imageSource', 'imageUrl']) {
		expect(fieldOf(name, 'edit').description).toContain('first frame of the new video');
	}
});

/** All text in the form, with its path. */
function textsIn(value: unknown, path = ''): Array<[path: string, text: string]> {
	if (typeof value === 'string') {
		return /\.(displayName|name|description|hint|placeholder|action)$/.test(path) ? [[path, value]] : [];
	}
	if (typeof value !== 'object' || value === null) return [];
	return Object.entries(value).flatMap(([key, inner]) => textsIn(inner, `${path}.${key}`));
}

test('the form uses the word generation, not job', () => {
	expect(textsIn(properties).length).toBeGreaterThan(100);
	expect(textsIn(properties).filter(([, text]) => /\bjobs?\b/i.test(text))).toEqual([]);
});

test('Reference Image URLs says at which provider it is no longer available, and only there', () => {
	const texts = (['fal', 'oxen'] as const).map((provider) => {
		const root = { resource: 'video', operation: 'animate', provider, frames: 'first' };
		const shown = properties.filter((field) => NodeHelpers.displayParameter(root, field, NODE, description));
		return shown.find(({ name }) => name === 'referenceImageUrls')?.description;
	});

	expect(texts).toEqual([
		expect.stringContaining('Not available at fal.ai since 2026-10-08.'),
		expect.not.stringContaining('Not available'),
	]);
});
