interface Verdict {
	passed: boolean;
	message?: string;
	details?: string;
}

interface Scanner {
	analyzePackage(folder: string, patterns: string[]): Promise<Verdict>;
	SOURCE_FILE_PATTERNS: string[];
}

/** The two parts of a published package that n8n's scanner checks. */
export type Leg = 'source' | 'tarball';

const TARBALL_PATTERNS = ['**/*.js', 'package.json'];

/**
 * Runs one part of the scanner that n8n uses for every community package it verifies, without the network.
 * @param folder the clone for the part `source`, the unpacked package for the part `tarball`
 * @param only these files, instead of all files that the part checks
 */
export async function scannerProblems(leg: Leg, folder: string, only?: string[]): Promise<string[]> {
	const { analyzePackage, SOURCE_FILE_PATTERNS } = (await import(
		// The package's types do not include this file. It is the part of the scanner that works offline.
		'@n8n/scan-community-package/scanner/scanner.mjs' as string
	)) as Scanner;
	const all = leg === 'source' ? SOURCE_FILE_PATTERNS : TARBALL_PATTERNS;
	const verdict = await analyzePackage(folder, only ?? all);
	// A result without a message means that the scanner checked files and found no problem. It also passes with "No
	// files found".
	if (verdict.passed && !verdict.message) return [];
	return [verdict.details ?? verdict.message ?? 'refused without a reason'];
}
