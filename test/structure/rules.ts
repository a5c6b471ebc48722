import type { Source } from './sources';

/** The product, from its lowest layer up: a file imports from its own layer and those below. */
const LAYERS = [
	['nodes/LumaRay/models/'],
	['nodes/LumaRay/transport/'],
	['nodes/LumaRay/providers/'],
	['nodes/LumaRay/jobs/'],
	['nodes/LumaRay/resources/'],
	['nodes/LumaRay/'],
];
const PRODUCT = ['nodes/', 'credentials/'];

/** Each folder of the repository, and the other ones that it may import from. */
const FOLDERS: { readonly [folder: string]: readonly string[] } = {
	// Messages name the credentials and their fields as the credentials do.
	'nodes/': ['credentials/'],
	'credentials/': [],
	// It must not share code with the product that it checks, so that it does not share its mistakes.
	'sandbox/': [],
	'harness/': [...PRODUCT, 'sandbox/'],
	'chaos/': PRODUCT,
	'scripts/': [...PRODUCT, 'sandbox/', 'harness/'],
	'bench/': [...PRODUCT, 'sandbox/', 'harness/', 'chaos/', 'scripts/'],
	'test/': [...PRODUCT, 'sandbox/', 'harness/', 'chaos/', 'scripts/', 'bench/'],
};

/** All that is there besides the package's own files, wherever n8n installs it. */
const PRODUCT_PACKAGES = ['n8n-workflow', 'node:crypto'];

/** One function fits on one screen. */
const MOST_LINES = 70;

/** The problems of the repository's structure, one line for each. */
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

/** One shortest cycle for each file that is in one, unless an earlier cycle has that file already. */
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

/** The shortest way from a file through its imports back to it, by a breadth-first search. */
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

/** The place of the layer of a file, 0 for the lowest; -1 outside the layers. */
function layerOf(path: string): number {
	return LAYERS.findIndex((folders) => startsWithOneOf(path, folders));
}

function startsWithOneOf(path: string, folders: readonly string[]): boolean {
	return folders.some((folder) => path.startsWith(folder));
}
