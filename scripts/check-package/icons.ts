import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { entryPoints, type Manifest } from './manifest';

/** A node defines its icon in its description, and a credential defines it directly. */
interface WithIcon {
	icon?: Icon;
	description?: { icon?: Icon };
}
type Icon = string | { light: string; dark: string };

/**
 * Finds nodes and credentials without an icon, and icons that are missing from the unpacked package.
 * @param built the folder from which the package was packed; the classes are loaded from there, because n8n-workflow
 * is available there
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
