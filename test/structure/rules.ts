import type { Source } from './sources';

/** The layers of the product, from the lowest up. A file may import only from its own layer and those below. */
const LAYERS = [
	['nodes/LumaRay/models/'],
	['nodes/LumaRay/transport/'],
	['nodes/LumaRay/providers/'],
	['nodes/LumaRay/jobs/'],
	['nodes/LumaRay/resources/'],
	['nodes/LumaRay/'],
];
const PRODUCT = ['nodes/', 'credentials/'];

/** Each folder of the repository, and the other folders that it may import from. */
const FOLDERS: { readonly [folder: string]: readonly string[] } = {
	// Messages use the display names from the credentials.
	'nodes/': ['credentials/'],
	'credentials/': [],
	// The sandbox must not share code with the product, because then it would share the product's mistakes.
	'sandbox/': [],
	'harness/': [...PRODUCT, 'sandbox/'],
	'chaos/': PRODUCT,
	'scripts/': [...PRODUCT, 'sandbox/', 'harness/'],
	'bench/': [...PRODUCT, 'sandbox/', 'harness/', 'chaos/', 'scripts/'],
	'test/': [...PRODUCT, 'sandbox/', 'harness/', 'chaos/', 'scripts/', 'bench/'],
};

/** The modules that are available wherever n8n installs the package, in addition to the package's own files. */
const PRODUCT_PACKAGES = ['n8n-workflow', 'node:crypto'];

/** A function should fit on one screen. */
const MOST_LINES = 70;

/** The problems of the repository's structure, one line per problem. */
export function structureProblems(sources: Source[]): string[] {
	return [
		...sources.flatMap(folderProblems),
		...sources.flatMap(layerProblems),
		...sources.flatMap(packageProblems),
		...cycleProblems(sources),
		...sources.flatMap(lengthProblems),
	];
}

function folderProblems({ path, files }: Source): string[] {
	const own = folderOf(path);
	if (own === undefined) return [`${path}: its folder has no rule in test/structure/rules.ts`];
	const allowed = [own, ...FOLDERS[own]];
	return files
		.filter((file) => !startsWithOneOf(file, allowed))
		.map((file) => `${path}: ${own} must not import ${file}`);
}

function layerProblems({ path, files }: Source): string[] {
	const own = layerOf(path);
	return files
		.filter((file) => own >= 0 && layerOf(file) > own)
		.map((file) => `${path}: an upward import of ${file}`);
}

function packageProblems({ path, packages }: Source): string[] {
	if (!startsWithOneOf(path, PRODUCT)) return [];
	return packages
		.filter((name) => !PRODUCT_PACKAGES.includes(name))
		.map((name) => `${path}: the product must not import ${name}`);
}

function lengthProblems({ path, functions }: Source): string[] {
	if (!startsWithOneOf(path, PRODUCT)) return [];
	return functions
		.filter(({ lines }) => lines > MOST_LINES)
		.map(({ name, line, lines }) => `${path}:${line}: ${name} has ${lines} lines, at most ${MOST_LINES}`);
}

/** For each file in an import cycle, one shortest cycle, unless an earlier one already contains the file. */
function cycleProblems(sources: Source[]): string[] {
	const imports = new Map(sources.map(({ path, files }) => [path, files]));
	const reported = new Set<string>();
	return sources.flatMap(({ path }) => {
		const cycle = reported.has(path) ? undefined : cycleFrom(path, imports);
		if (!cycle) return [];
		for (const file of cycle) reported.add(file);
		return [`an import cycle: ${cycle.join(' → ')}`];
	});
}

/** The shortest path from a file through its imports back to itself, found by a breadth-first search. */
function cycleFrom(start: string, imports: ReadonlyMap<string, string[]>): string[] | undefined {
	const ways = [[start]];
	const seen = new Set<string>();
	for (const way of ways) {
		for (const next of imports.get(way.at(-1)!) ?? []) {
			if (next === start) return [...way, next];
			if (seen.has(next)) continue;
			seen.add(next);
			ways.push([...way, next]);
		}
	}
	return undefined;
}

function folderOf(path: string): string | undefined {
	return Object.keys(FOLDERS).find((folder) => path.startsWith(folder));
}

/** The index of a file's layer, from 0 for the lowest. -1 if the file is in no layer. */
function layerOf(path: string): number {
	return LAYERS.findIndex((folders) => startsWithOneOf(path, folders));
}

function startsWithOneOf(path: string, folders: readonly string[]): boolean {
	return folders.some((folder) => path.startsWith(folder));
}
