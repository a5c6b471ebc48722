import { differencesFrom } from '../../nodes/LumaRay/ray/differences';
import { falTable } from '../../nodes/LumaRay/ray/fal';
import { oxenTable } from '../../nodes/LumaRay/ray/oxen';
import { INPUT_NAMES as FAL_NAMES } from '../../nodes/LumaRay/providers/fal/names';
import { INPUT_NAMES as OXEN_NAMES } from '../../nodes/LumaRay/providers/oxen/names';

/** What a provider's live schema says that this package does not, and the other way around. */

const WIRES = { fal: { names: FAL_NAMES, table: falTable }, oxen: { names: OXEN_NAMES, table: oxenTable } };
type Property = { enum?: unknown } | null | undefined;

describe.each(Object.entries(WIRES))('at %s', (_provider, { names, table }) => {
	/** The schema that this package was written for. */
	function schema() {
		const properties: { [name: string]: Property } = Object.fromEntries(
			Object.values(names).map((name) => [name, {}]),
		);
		properties[names.aspectRatio] = { enum: [...table.aspectRatios] };
		properties[names.resolution] = { enum: [...table.resolutions] };
		properties[names.duration] = { enum: [...table.durations] };
		const required: string[] = [names.prompt, names.imageUrl];
		return { properties, required };
	}
	const differences = (live: object) => differencesFrom(live, names, table);
	const changes = (live: object) =>
		differences(live).map(({ parameter, change, options }) => [parameter, change, ...(options ?? [])]);

	test('nothing differs from what this package offers', () => {
		expect(differences(schema())).toEqual([]);
	});

	test('a parameter is new, and the user can send it', () => {
		const live = schema();
		live.properties.keyframes = {};
		expect(changes(live)).toEqual([['keyframes', 'added']]);
		expect(differences(live)[0].meaning).toContain('Additional Fields');
	});

	test('a parameter is gone', () => {
		const live = schema();
		delete live.properties[names.referenceImageUrls];
		expect(changes(live)).toEqual([[names.referenceImageUrls, 'removed']]);
	});

	test.each(['aspectRatio', 'resolution', 'duration'] as const)('options of %s are new and gone', (which) => {
		const live = schema();
		const [gone, ...left] = live.properties[names[which]]!.enum as string[];
		live.properties[names[which]] = { enum: [...left, '8k'] };
		expect(changes(live)).toEqual([
			[names[which], 'optionsAdded', '8k'],
			[names[which], 'optionsRemoved', gone],
		]);
	});

	test('options that are only in another order are the same', () => {
		const live = schema();
		(live.properties[names.aspectRatio]!.enum as string[]).reverse();
		expect(changes(live)).toEqual([]);
	});

	test('a parameter that this package may leave out is required now', () => {
		const live = schema();
		live.required.push(names.loop);
		expect(changes(live)).toEqual([[names.loop, 'nowRequired']]);
	});

	test('a new parameter is required at once', () => {
		const live = schema();
		live.properties.keyframes = {};
		live.required.push('keyframes');
		expect(changes(live)).toEqual([
			['keyframes', 'added'],
			['keyframes', 'nowRequired'],
		]);
	});

	test('what this package always sends may be required', () => {
		const live = schema();
		live.required = [names.prompt, names.imageUrl, names.aspectRatio, names.resolution, names.duration];
		expect(changes(live)).toEqual([]);
	});

	test('inputs of the request that are not of the model are no difference', () => {
		const live = schema();
		for (const name of ['model', 'num_generations', 'target_namespace', 'response_format', 'sync_mode']) {
			live.properties[name] = {};
			live.required.push(name);
		}
		expect(changes(live)).toEqual([]);
	});

	test('every difference says what it means for a workflow', () => {
		const all = differences({ properties: { keyframes: {} }, required: ['keyframes'] });
		expect(all.length).toBeGreaterThan(5);
		for (const { meaning } of all) expect(meaning).toMatch(/^[A-Z].{20,}\.$/);
	});

	test.each<[string, object]>([
		['nothing', {}],
		['nulls', { properties: null, required: null }],
		['no properties', { properties: {}, required: [] }],
	])('a schema with %s lacks every parameter, and nothing is thrown', (_what, live) => {
		expect(changes(live)).toEqual(Object.values(names).map((name) => [name, 'removed']));
	});

	test.each<[string, Property]>([
		['null', null],
		['without options', {}],
		['with options that are no list', { enum: 'all' }],
	])('a parameter that is %s says nothing about options', (_what, property) => {
		const live = schema();
		live.properties[names.resolution] = property;
		expect(changes(live)).toEqual([]);
	});

	test('an empty list of options takes every option away', () => {
		const live = schema();
		live.properties[names.duration] = { enum: [] };
		expect(changes(live)).toEqual([[names.duration, 'optionsRemoved', ...table.durations]]);
	});

	test('options that are not text are shown as text', () => {
		const live = schema();
		live.properties[names.duration] = { enum: [...table.durations, 8, null] };
		expect(changes(live)).toEqual([[names.duration, 'optionsAdded', '8', 'null']]);
	});

	test('required as text is no list', () => {
		expect(changes({ ...schema(), required: 'loop' })).toEqual([]);
	});
});
