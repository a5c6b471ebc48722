interface Verdict {
	passed: boolean;
	message?: string;
	details?: string;
}

interface Scanner {
	analyzePackage(folder: string, patterns: string[]): Promise<Verdict>;
	SOURCE_FILE_PATTERNS: string[];
}

/** Where n8n's scanner looks when it is given a published package. */
export type Leg = 'source' | 'tarball';

const TARBALL_PATTERNS = ['**/*.js', 'package.json'];

/**
 * Runs one leg of the scanner that n8n runs over every community package it verifies, without the network.
 * @param folder the clone for the source leg, the unpacked package for the tarball leg
 * @param only these files, instead of all that the leg looks at
 */
export async function scannerProblems(leg: Leg, folder: string, only?: string[]): Promise<string[]> {
	const { analyzePackage, SOURCE_FILE_PATTERNS } = (await import(
		// The package's types do not name this file, which is the part of it that works offline.
		'@n8n/scan-community-package/scanner/scanner.mjs' as string
	)) as Scanner;
	const all = leg === 'source' ? SOURCE_FILE_PATTERNS : TARBALL_PATTERNS;
	const verdict = await analyzePackage(folder, only ?? all);
	// Without a message it has looked and found nothing; "No files found" would pass as well.
	if (verdict.passed && !verdict.message) return [];
	return [verdict.details ?? verdict.message ?? 'refused without a reason'];
}
