import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { REPOSITORY } from '../../harness/n8n';
import { entryPoints, type Manifest } from './manifest';

/** A node has its icon in its description, a credential has it itself. */
interface WithIcon {
	icon?: Icon;
	description?: { icon?: Icon };
}
type Icon = string | { light: string; dark: string };

/**
 * Looks for nodes and credentials without an icon, and for icons that are not in the unpacked package.
 * The classes are read from this clone's dist, where n8n-workflow is at hand; their icons from the package.
 */
export function iconProblems(folder: string, manifest: Manifest): string[] {
	return entryPoints(manifest).flatMap((file) => {
		const icons = iconsOf(file);
		if (icons.length === 0) return [`${file} has no icon`];
		return icons
			.map((icon) => join(dirname(file), icon.replace(/^file:/, '')))
			.filter((icon) => !existsSync(join(folder, icon)))
			.map((icon) => `${file} shows ${icon}, which is missing`);
	});
}

function iconsOf(file: string): string[] {
	const className = basename(file).split('.')[0];
	// eslint-disable-next-line @typescript-eslint/no-require-imports -- the path is known at run time only
	const exported = require(join(REPOSITORY, file)) as Record<string, new () => WithIcon>;
	const instance = new exported[className]();
	const icon = instance.icon ?? instance.description?.icon;
	if (icon === undefined) return [];
	return typeof icon === 'string' ? [icon] : [icon.light, icon.dark];
}
