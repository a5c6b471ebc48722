/** The parts of a package.json that n8n's rules check. */
export interface Manifest {
	name: string;
	version?: string;
	description?: string;
	homepage?: string;
	license?: string;
	keywords?: string[];
	author?: { name?: string; email?: string };
	repository?: { url?: string };
	files?: string[];
	scripts?: Record<string, string>;
	dependencies?: Record<string, string>;
	peerDependencies?: Record<string, string>;
	n8n?: { n8nNodesApiVersion?: number; strict?: boolean; credentials?: string[]; nodes?: string[] };
	[field: string]: unknown;
}

/**
 * n8n's rules for the package.json of a verified community package. Each function returns true if the rule is
 * followed.
 */
const RULES: Array<[problem: string, isMet: (manifest: Manifest) => boolean]> = [
	["name does not start with 'n8n-nodes-'", ({ name }) => name.startsWith('n8n-nodes-')],
	['version is missing', ({ version }) => Boolean(version)],
	['description is missing', ({ description }) => Boolean(description)],
	['homepage is missing', ({ homepage }) => Boolean(homepage)],
	['repository.url is missing', ({ repository }) => Boolean(repository?.url)],
	['author needs a name and an email', ({ author }) => Boolean(author?.name && author.email)],
	['license is not MIT', ({ license }) => license === 'MIT'],
	[
		"keywords lack 'n8n-community-node-package'",
		({ keywords }) => Boolean(keywords?.includes('n8n-community-node-package')),
	],
	['files do not hold dist', ({ files }) => Boolean(files?.includes('dist'))],
	['dependencies are not empty', ({ dependencies }) => Object.keys(dependencies ?? {}).length === 0],
	[
		'peerDependencies are not exactly { "n8n-workflow": "*" }',
		({ peerDependencies }) => JSON.stringify(peerDependencies) === '{"n8n-workflow":"*"}',
	],
	['n8n.n8nNodesApiVersion is not 1', ({ n8n }) => n8n?.n8nNodesApiVersion === 1],
	['n8n.strict is not true', ({ n8n }) => n8n?.strict === true],
	['n8n.nodes or n8n.credentials point outside dist/', (manifest) => entryPoints(manifest).every(isInDist)],
	['n8n.nodes is empty', ({ n8n }) => Boolean(n8n?.nodes?.length)],
];

const FORBIDDEN_FIELDS = [
	'overrides',
	'resolutions',
	'optionalDependencies',
	'bundleDependencies',
	'bundledDependencies',
];
/** npm runs these scripts on the machine of every user who installs the package. */
const FORBIDDEN_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepare', 'preprepare', 'postprepare'];

/** Checks a package.json against n8n's rules. Returns the problems as sentences. */
export function manifestProblems(manifest: Manifest): string[] {
	return [
		...RULES.filter(([, isMet]) => !isMet(manifest)).map(([problem]) => problem),
		...FORBIDDEN_FIELDS.filter((field) => field in manifest).map((field) => `${field} must not be there`),
		...FORBIDDEN_SCRIPTS.filter((script) => script in (manifest.scripts ?? {})).map(
			(script) => `scripts.${script} must not be there`,
		),
		...placeholderProblems(manifest, 'package.json'),
	];
}

/** The files that n8n loads, as listed in the package.json. */
export function entryPoints({ n8n }: Manifest): string[] {
	return [...(n8n?.credentials ?? []), ...(n8n?.nodes ?? [])];
}

function isInDist(path: string): boolean {
	return path.startsWith('dist/');
}

/** n8n refuses values that look like an unfilled template, and objects inside arrays. */
function placeholderProblems(value: unknown, path: string): string[] {
	if (typeof value === 'string') {
		return /<[^>]*>|\{\{.*\}\}/.test(value) ? [`${path} looks like a placeholder: ${value}`] : [];
	}
	if (typeof value !== 'object' || value === null) return [];
	const inside = Object.entries(value).flatMap(([key, child]) =>
		placeholderProblems(child, `${path}.${key}`),
	);
	const hasObject = Array.isArray(value) && value.some((child) => typeof child === 'object');
	return hasObject ? [`${path} is an array with an object in it`, ...inside] : inside;
}
