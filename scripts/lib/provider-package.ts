import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';

import { REPOSITORY } from '../../harness/n8n';
import { OFFERED } from '../../nodes/LumaRay/providers/offered';
import { providerNames } from '../../nodes/LumaRay/resources/providers';
import type { Manifest } from '../check-package/manifest';

/** Makes a package with a single provider from the same source. Everything about other providers is left out. */

export type ProviderId = keyof typeof OFFERED;
export const PROVIDER_IDS = Object.keys(OFFERED) as ProviderId[];

/** The only module that lists the providers of the package. */
const REGISTRY = 'nodes/LumaRay/providers/offered';
const NODES = ['LumaRay', 'LumaRayTrigger'];
const COPIED = [
	'nodes',
	'credentials',
	'dist',
	'package.json',
	'tsconfig.json',
	'LICENSE.md',
	'CHANGELOG.md',
];

/** The data that n8n's node search uses about a node. */
interface Codex {
	node: string;
	alias: string[];
}

/**
 * Writes the package of one provider from the source and from dist/, which must be built from that source.
 * @param folder must not exist yet
 */
export function writeProviderPackage(provider: ProviderId, folder: string): void {
	const others = PROVIDER_IDS.filter((id) => id !== provider);
	mkdirSync(folder, { recursive: true });
	for (const name of COPIED) cpSync(join(REPOSITORY, name), join(folder, name), { recursive: true });
	for (const other of others) leaveOut(other, folder);
	writeRegistry(provider, folder);
	const { name } = edit<Manifest>(join(folder, 'package.json'), (own) => manifestOf(provider, others, own));
	for (const file of NODES.map((node) => `nodes/LumaRay/${node}.node.json`)) {
		for (const path of [join(folder, file), join(folder, 'dist', file)]) {
			edit<Codex>(path, (own) => codexOf(name, others, own));
		}
	}
	writeFileSync(join(folder, 'README.md'), readmeOf(provider, name));
}

/** The words that must not appear in the package of another provider, such as `fal.ai` and `lumaRayFalApi`. */
export function wordsOf(provider: ProviderId): RegExp {
	// Does not match `false`.
	return new RegExp(`${provider}(?![a-z])`, 'i');
}

function leaveOut(other: ProviderId, folder: string): void {
	for (const root of [folder, join(folder, 'dist')]) {
		rmSync(join(root, 'nodes', 'LumaRay', 'providers', other), { recursive: true });
		for (const ending of ['ts', 'js']) {
			rmSync(join(root, 'credentials', `${credentialFile(other)}.${ending}`), { force: true });
		}
	}
}

/**
 * Writes the registry with a single provider, as source and compiled. If other code still imports another provider,
 * the import checks find it.
 */
function writeRegistry(provider: ProviderId, folder: string): void {
	const source = `import type { ProviderId } from '../models/names';
import type { ProviderEntry } from './entry';
import { ${provider} } from './${provider}';

/** The provider of this package. */
export const OFFERED = { ${provider} } as { readonly [id in ProviderId]: ProviderEntry };
`;
	writeFileSync(join(folder, `${REGISTRY}.ts`), source);
	const { config } = ts.readConfigFile(join(REPOSITORY, 'tsconfig.json'), ts.sys.readFile);
	const compilerOptions = ts.convertCompilerOptionsFromJson(config.compilerOptions, REPOSITORY).options;
	writeFileSync(
		join(folder, 'dist', `${REGISTRY}.js`),
		ts.transpileModule(source, { compilerOptions }).outputText,
	);
}

function manifestOf(provider: ProviderId, others: ProviderId[], own: Manifest): Manifest {
	const left = others.map(credentialFile);
	const manifest: Manifest = {
		...own,
		name: `${own.name}-${provider}`,
		description: own.description?.replace(providerNames, OFFERED[provider].catalogue.name),
		keywords: own.keywords?.filter((word) => isAboutNone(others, word)),
		n8n: {
			...own.n8n,
			credentials: own.n8n?.credentials?.filter((path) => !left.includes(basename(path, '.js'))),
		},
	};
	// These two apply only to the repository.
	delete manifest.scripts;
	delete manifest.devDependencies;
	return manifest;
}

function codexOf(name: string, others: ProviderId[], { node, alias, ...rest }: Codex): Codex {
	return {
		...rest,
		node: `${name}.${node.split('.')[1]}`,
		alias: alias.filter((word) => isAboutNone(others, word)),
	};
}

function readmeOf(provider: ProviderId, name: string): string {
	const { homepage } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as Manifest;
	const provides = OFFERED[provider].catalogue.name;
	return `# ${name}

Makes, edits and reframes video with Luma Ray 3.2 in an n8n workflow, through ${provides}.

[How to use it](${homepage}#readme)
`;
}

function isAboutNone(others: ProviderId[], word: string): boolean {
	return !others.some((other) => wordsOf(other).test(word));
}

function credentialFile(provider: ProviderId): string {
	return `${OFFERED[provider].credential.constructor.name}.credentials`;
}

function edit<T>(path: string, change: (content: T) => T): T {
	const changed = change(JSON.parse(readFileSync(path, 'utf8')) as T);
	writeFileSync(path, `${JSON.stringify(changed, null, '\t')}\n`);
	return changed;
}
