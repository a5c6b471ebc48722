import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { entryPoints, type Manifest } from './manifest';

/** A node has its icon in its description, a credential has it itself. */
interface WithIcon {
	icon?: Icon;
	description?: { icon?: Icon };
}
type Icon = string | { light: string; dark: string };

/**
 * Looks for nodes and credentials without an icon, and for icons that are not in the unpacked package.
 * @param built the folder that the package was packed in: the classes are read there, where n8n-workflow is available
 */
export function iconProblems(folder: string, manifest: Manifest, built: string): string[] {
	return entryPoints(manifest).flatMap((file) => {
		const icons = iconsOf(join(built, file));
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
	const exported = require(file) as Record<string, new () => WithIcon>;
	const instance = new exported[className]();
	const icon = instance.icon ?? instance.description?.icon;
	if (icon === undefined) return [];
	return typeof icon === 'string' ? [icon] : [icon.light, icon.dark];
}
