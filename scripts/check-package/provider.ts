import { basename, join } from 'node:path';

import { PROVIDER_IDS, wordsOf, type ProviderId } from '../lib/provider-package';
import { entryPoints, type Manifest } from './manifest';

/**
 * Finds mentions of other providers in the texts that users of a single-provider package see: the nodes with their
 * forms, and the credential.
 * @param built the package, in a folder where n8n-workflow is available
 */
export function otherProviderProblems(provider: ProviderId, built: string, manifest: Manifest): string[] {
	const others = PROVIDER_IDS.filter((id) => id !== provider);
	return entryPoints(manifest).flatMap((file) =>
		textsIn(shownBy(join(built, file))).flatMap((text) =>
			others
				.filter((other) => wordsOf(other).test(text))
				.map((other) => `${file} is about ${other}: ${text}`),
		),
	);
}

/** The parts of a node or a credential that n8n reads. */
function shownBy(path: string): object {
	// eslint-disable-next-line @typescript-eslint/no-require-imports -- the path is known at run time only
	const exported = require(path) as Record<string, new () => object>;
	return new exported[basename(path).split('.')[0]]();
}

/** Every text and every key, at any depth. */
function textsIn(value: unknown): string[] {
	if (typeof value === 'string') return [value];
	if (typeof value !== 'object' || value === null) return [];
	return [...(Array.isArray(value) ? [] : Object.keys(value)), ...Object.values(value).flatMap(textsIn)];
}
