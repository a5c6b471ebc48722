import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { LumaRay } from '../../nodes/LumaRay/LumaRay.node';
import { MODEL_NAMES } from '../../nodes/LumaRay/models/names';
import { fieldsOf, type Operation } from '../../nodes/LumaRay/resources/operation';
import { CATALOGUES } from '../../nodes/LumaRay/providers/catalogues';
import { editionOf } from '../../nodes/LumaRay/providers/input';
import { videoOperations } from '../../nodes/LumaRay/resources/video/operations';

const field = (name: string, more: Partial<INodeProperties> = {}): INodeProperties => ({
	displayName: name,
	name,
	type: 'string',
	default: '',
	...more,
});
const operation = (value: string, fields: INodeProperties[]): Operation => ({
	value,
	name: value,
	action: value,
	description: value,
	fields,
	execute: async () => [],
});

/** The fields of a resource `clip` with these operations, each with its name and its condition. */
function shown(...operations: Operation[]) {
	const fields = fieldsOf({ value: 'clip', name: 'Clip', operations, preset: operations[0].value });
	return fields.map(({ name, displayOptions }) => [name, displayOptions]);
}
const forOperations = (...names: string[]) => ({ show: { resource: ['clip'], operation: names } });

describe('the fields of several operations', () => {
	test('are merged if they are defined identically, and keep the order of each operation', () => {
		const make = operation('make', [field('prompt'), field('size'), field('simplify')]);
		const list = operation('list', [field('limit'), field('simplify')]);
		const wait = operation('wait', [field('simplify'), field('prompt')]);
		expect(shown(make, list, wait)).toEqual([
			['limit', forOperations('list')],
			['prompt', forOperations('make')],
			['size', forOperations('make')],
			['simplify', forOperations('make', 'list', 'wait')],
			['prompt', forOperations('wait')],
		]);
	});

	test('are separate if they are defined differently', () => {
		const make = operation('make', [field('size', { default: 'small' })]);
		const edit = operation('edit', [field('size', { default: 'large' })]);
		const both = [
			['size', forOperations('make')],
			['size', forOperations('edit')],
		];
		expect(shown(make, edit)).toHaveLength(both.length);
		expect(shown(make, edit)).toEqual(expect.arrayContaining(both));
	});

	test('keep their other conditions', () => {
		const conditions = { show: { waitMode: ['wait'] }, hide: { '@tool': [true] } };
		const make = operation('make', [field('video', { displayOptions: conditions })]);
		expect(shown(make)).toEqual([
			[
				'video',
				{
					show: { resource: ['clip'], operation: ['make'], waitMode: ['wait'] },
					hide: { '@tool': [true] },
				},
			],
		]);
	});
});

describe('the operations of the node', () => {
	const { properties, subtitle, hints } = new LumaRay().description;
	const listed = properties
		.filter(({ name }) => name === 'operation')
		.flatMap(({ displayOptions, options }) =>
			(options as INodePropertyOptions[]).map(({ value }) => [
				String(displayOptions?.show?.resource?.[0]),
				String(value),
			]),
		);

	test.each(listed)('%s: %s is called Luma Ray on the canvas', (resource, value) => {
		const names = JSON.parse(/\{"[^}]*\}/.exec(String(subtitle))![0]) as { [name: string]: string };
		expect(names[`${resource}:${value}`]).toMatch(/^Luma Ray: [A-Z]/);
	});

	test.each(videoOperations.map(({ value }) => value))(
		'%s has a hint for each of its prices per clip',
		(value) => {
			const prices = Object.values(CATALOGUES).flatMap((catalogue) => {
				const { per, usd } = editionOf(catalogue, value).prices;
				return per === 'clip' ? Object.values(usd).flatMap((byDuration) => Object.values(byDuration)) : [];
			});
			const own = hints!.filter(({ displayCondition }) =>
				displayCondition?.includes(`$parameter["operation"] === "${value}"`),
			);
			expect(own).toHaveLength(prices.filter((price) => price !== null).length);
		},
	);

	test.each([
		['animate', true],
		['generate', true],
	])('%s has the file upload options (expected: %s)', (value, expected) => {
		const { fields } = videoOperations.find((one) => one.value === value)!;
		const options = fields.find(({ name }) => name === 'options')!.options!.map(({ name }) => name);
		for (const name of ['branch', 'imageUpload', 'repository']) {
			expect(options.includes(name)).toBe(expected);
		}
	});

	test.each([
		[{}, '$1.08'],
		[{ hdr: true }, undefined],
		[{ clipPriceUsd: 1 }, undefined],
	])('the price hint appears only if its price applies to the options: %j', (options, price) => {
		const chosen = { provider: 'fal', operation: 'edit', resolution: '720p', duration: '5s', options };
		const holds = (condition = '') =>
			new Function('$parameter', `return ${condition.slice(3, -2)}`)(chosen) as boolean;
		const shown = hints!.filter(({ displayCondition }) => holds(displayCondition));
		expect(shown.map(({ message }) => /\$[\d.]+/.exec(message)?.[0])).toEqual(price ? [price] : []);
	});
});

test('each model of the family has an operation', () => {
	expect(videoOperations.map(({ value }) => value)).toEqual(MODEL_NAMES);
});

test.each(videoOperations.map(({ value }) => value))(
	'the operation %s is mentioned only in lists and catalogues',
	(value) => {
		const product = join(__dirname, '..', '..', 'nodes', 'LumaRay');
		const naming = readdirSync(product, { recursive: true, encoding: 'utf8' }).filter(
			(path) =>
				path.endsWith('.ts') &&
				new RegExp(`['"]${value}['"]|^\\s*${value}: \\{`, 'm').test(
					readFileSync(join(product, path), 'utf8'),
				),
		);
		const catalogues = Object.keys(CATALOGUES).map((id) => join('providers', id, 'catalogue.ts'));
		const lists = [join('models', 'names.ts'), join('resources', 'video', 'operations.ts')];
		expect(naming.sort()).toEqual([...lists, ...catalogues].sort());
	},
);
