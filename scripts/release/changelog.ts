const UNRELEASED = '## [Unreleased]';

/**
 * Moves the entries under Unreleased into a section for the version.
 * @param date of the release, as YYYY-MM-DD
 * @returns the unchanged text if the version already has a section, so that a release can be run again
 * @throws Error if there is nothing to release
 */
export function fillChangelog(text: string, version: string, date: string): string {
	if (sectionOf(text, version) !== undefined) return text;
	const notes = sectionBehind(text, UNRELEASED)?.trim();
	if (!notes) throw new Error(`CHANGELOG.md has nothing under "${UNRELEASED}"`);
	return text.replace(UNRELEASED, () => `${UNRELEASED}\n\n## [${version}] - ${date}`);
}

/** The notes of a version without their heading. Undefined if the changelog has none. */
export function sectionOf(text: string, version: string): string | undefined {
	const heading = text.split('\n').find((line) => line.startsWith(`## [${version}]`));
	return heading === undefined ? undefined : sectionBehind(text, heading)?.trim();
}

function sectionBehind(text: string, heading: string): string | undefined {
	const start = text.indexOf(`${heading}\n`);
	if (start < 0) return undefined;
	const rest = text.slice(start + heading.length);
	const end = rest.search(/\n## \[/);
	return end < 0 ? rest : rest.slice(0, end);
}
