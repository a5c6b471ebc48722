import { wireNames } from '../../nodes/LumaRay/models/catalogue';
import { differencesFrom } from '../../nodes/LumaRay/models/differences';
import { CATALOGUES } from '../../nodes/LumaRay/providers/catalogues';
import { explainDifference } from '../../nodes/LumaRay/resources/messages/differences';

/** The differences between a provider's live schema and this package. */

type Property = { enum?: unknown } | null | undefined;

describe.each(Object.values(CATALOGUES))('at $name', ({ models }) => {
	const [edition] = models.animate.editions;
	const offered = Object.values(edition.parameters).filter((one) => wireNames(one).length > 0);
	const wire = (name: keyof typeof edition.parameters) => wireNames(edition.parameters[name]!)[0];
	const optionsOf = (name: keyof typeof edition.parameters) => [...edition.parameters[name]!.options!];

	/** The schema that this package was written for. */
	function schema() {
		const properties: { [name: string]: Property } = Object.fromEntries(
			offered.map((one) => [wireNames(one)[0], one.options ? { enum: [...one.options] } : {}]),
		);
		const required: string[] = [wire('prompt'), wire('imageUrl')];
		return { properties, required };
	}
	const differences = (live: object) => differencesFrom(live, edition);
	const changes = (live: object) =>
		differences(live).map(({ parameter, change, options }) => [parameter, change, ...(options ?? [])]);

	test('nothing differs from what this package offers', () => {
		expect(differences(schema())).toEqual([]);
	});

	test('a parameter is new, and the user can send it', () => {
		const live = schema();
		live.properties.keyframes = {};
		expect(changes(live)).toEqual([['keyframes', 'added']]);
		expect(explainDifference(differences(live)[0]).meaning).toContain('Additional Fields');
	});

	test('a parameter is gone', () => {
		const live = schema();
		delete live.properties[wire('referenceImageUrls')];
		expect(changes(live)).toEqual([[wire('referenceImageUrls'), 'removed']]);
	});

	test.each(['aspectRatio', 'resolution', 'duration'] as const)('options of %s are new and gone', (which) => {
		const live = schema();
		const [gone, ...left] = live.properties[wire(which)]!.enum as string[];
		live.properties[wire(which)] = { enum: [...left, '8k'] };
		expect(changes(live)).toEqual([
			[wire(which), 'optionsAdded', '8k'],
			[wire(which), 'optionsRemoved', gone],
		]);
	});

	test('options that are only in another order are the same', () => {
		const live = schema();
		(live.properties[wire('aspectRatio')]!.enum as string[]).reverse();
		expect(changes(live)).toEqual([]);
	});

	test('a parameter that this package may leave out is required now', () => {
		const live = schema();
		live.required.push(wire('loop'));
		expect(changes(live)).toEqual([[wire('loop'), 'nowRequired']]);
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
		live.required = [
			wire('prompt'),
			wire('imageUrl'),
			wire('aspectRatio'),
			wire('resolution'),
			wire('duration'),
		];
		expect(changes(live)).toEqual([]);
	});

	test('inputs of the request that do not belong to the model are not a difference', () => {
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
		for (const { meaning } of all.map(explainDifference)) expect(meaning).toMatch(/^[A-Z].{20,}\.$/);
	});

	test.each<[string, object]>([
		['nothing', {}],
		['nulls', { properties: null, required: null }],
		['no properties', { properties: {}, required: [] }],
	])('a schema with %s lacks every parameter, and nothing is thrown', (_what, live) => {
		expect(changes(live).sort()).toEqual(offered.map((one) => [wireNames(one)[0], 'removed']).sort());
	});

	test.each<[string, Property]>([
		['null', null],
		['without options', {}],
		['with options that are not a list', { enum: 'all' }],
	])('a parameter that is %s says nothing about options', (_what, property) => {
		const live = schema();
		live.properties[wire('resolution')] = property;
		expect(changes(live)).toEqual([]);
	});

	test('an empty list of options removes every option', () => {
		const live = schema();
		live.properties[wire('duration')] = { enum: [] };
		expect(changes(live)).toEqual([[wire('duration'), 'optionsRemoved', ...optionsOf('duration')]]);
	});

	test('options that are not text are shown as text', () => {
		const live = schema();
		live.properties[wire('duration')] = { enum: [...optionsOf('duration'), 8, null] };
		expect(changes(live)).toEqual([[wire('duration'), 'optionsAdded', '8', 'null']]);
	});

	test('required as text is not a list', () => {
		expect(changes({ ...schema(), required: 'loop' })).toEqual([]);
	});
});
