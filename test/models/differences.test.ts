import { wireNames } from '../../nodes/LumaRay/models/catalogue';
import { differencesFrom } from '../../nodes/LumaRay/models/differences';
import { CATALOGUES } from '../../nodes/LumaRay/providers/catalogues';
import { explainDifference } from '../../nodes/LumaRay/resources/messages/differences';

/** The differences between a provider's live schema and this package. */

type Property = { enum?: unknown } | null | undefined;

describe.each(Object.values(CATALOGUES))('differences at $name', ({ models }) => {
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

	test('reports nothing if the schema is unchanged', () => {
		expect(differences(schema())).toEqual([]);
	});

	test('reports a new parameter and suggests Additional Fields', () => {
		const live = schema();
		live.properties.keyframes = {};
		expect(changes(live)).toEqual([['keyframes', 'added']]);
		expect(explainDifference(differences(live)[0]).meaning).toContain('Additional Fields');
	});

	test('reports a removed parameter', () => {
		const live = schema();
		delete live.properties[wire('referenceImageUrls')];
		expect(changes(live)).toEqual([[wire('referenceImageUrls'), 'removed']]);
	});

	test.each(['aspectRatio', 'resolution', 'duration'] as const)(
		'reports new and removed options of %s',
		(which) => {
			const live = schema();
			const [gone, ...left] = live.properties[wire(which)]!.enum as string[];
			live.properties[wire(which)] = { enum: [...left, '8k'] };
			expect(changes(live)).toEqual([
				[wire(which), 'optionsAdded', '8k'],
				[wire(which), 'optionsRemoved', gone],
			]);
		},
	);

	test('ignores the order of options', () => {
		const live = schema();
		(live.properties[wire('aspectRatio')]!.enum as string[]).reverse();
		expect(changes(live)).toEqual([]);
	});

	test('reports an optional parameter that is now required', () => {
		const live = schema();
		live.required.push(wire('loop'));
		expect(changes(live)).toEqual([[wire('loop'), 'nowRequired']]);
	});

	test('reports a new parameter that is required', () => {
		const live = schema();
		live.properties.keyframes = {};
		live.required.push('keyframes');
		expect(changes(live)).toEqual([
			['keyframes', 'added'],
			['keyframes', 'nowRequired'],
		]);
	});

	test('ignores a newly required parameter that the package always sends', () => {
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

	test('ignores request fields that do not belong to the model', () => {
		const live = schema();
		for (const name of ['model', 'num_generations', 'target_namespace', 'response_format', 'sync_mode']) {
			live.properties[name] = {};
			live.required.push(name);
		}
		expect(changes(live)).toEqual([]);
	});

	test('explains the meaning of every difference for a workflow', () => {
		const all = differences({ properties: { keyframes: {} }, required: ['keyframes'] });
		expect(all.length).toBeGreaterThan(5);
		for (const { meaning } of all.map(explainDifference)) expect(meaning).toMatch(/^[A-Z].{20,}\.$/);
	});

	test.each<[string, object]>([
		['nothing', {}],
		['nulls', { properties: null, required: null }],
		['no properties', { properties: {}, required: [] }],
	])('reports every parameter as removed for a schema with %s', (_what, live) => {
		expect(changes(live).sort()).toEqual(offered.map((one) => [wireNames(one)[0], 'removed']).sort());
	});

	test.each<[string, Property]>([
		['null', null],
		['without options', {}],
		['not a list of options', { enum: 'all' }],
	])('reports no option changes for a parameter that is %s', (_what, property) => {
		const live = schema();
		live.properties[wire('resolution')] = property;
		expect(changes(live)).toEqual([]);
	});

	test('reports every option as removed for an empty list', () => {
		const live = schema();
		live.properties[wire('duration')] = { enum: [] };
		expect(changes(live)).toEqual([[wire('duration'), 'optionsRemoved', ...optionsOf('duration')]]);
	});

	test('shows options that are not text as text', () => {
		const live = schema();
		live.properties[wire('duration')] = { enum: [...optionsOf('duration'), 8, null] };
		expect(changes(live)).toEqual([[wire('duration'), 'optionsAdded', '8', 'null']]);
	});

	test('ignores a list of required parameters that is not a list', () => {
		expect(changes({ ...schema(), required: 'loop' })).toEqual([]);
	});
});
