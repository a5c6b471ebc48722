import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { hostPath, type Host } from './install';
import { runProcess } from './process';

/** The root of this repository. */
export const REPOSITORY = resolve(__dirname, '..', '..');

interface PackageJson {
	name: string;
	devDependencies?: unknown;
	peerDependencies?: unknown;
	optionalDependencies?: unknown;
}

/**
 * Packs the built package as a release would.
 * @param intoFolder an existing folder
 * @param folder the folder of the package
 * @returns the tarball's path
 */
export async function packPackage(intoFolder: string, logFile: string, folder = REPOSITORY): Promise<string> {
	const args = ['pack', '--json', '--pack-destination', intoFolder];
	const answer = await runProcess('npm', args, { cwd: folder, logFile });
	const [{ filename }] = JSON.parse(answer) as [{ filename: string }];
	return join(intoFolder, filename);
}

/** Unpacks an npm tarball without the top-level folder that npm adds. */
export async function unpackTarball(tarball: string, intoFolder: string, logFile: string): Promise<void> {
	mkdirSync(intoFolder, { recursive: true });
	await runProcess('tar', ['-xzf', tarball, '--strip-components=1', '-C', intoFolder], { logFile });
}

/**
 * Installs a tarball of this package the way n8n installs a community package from the registry: it is unpacked, all
 * dependencies that are not needed at run time are removed, and `npm install` runs in its folder. An older copy is
 * replaced.
 */
export async function installCommunityPackage(
	host: Host,
	userFolder: string,
	tarball: string,
	logFile: string,
): Promise<void> {
	const { name } = readPackageJson(REPOSITORY);
	const folder = join(userFolder, '.n8n', 'nodes', 'node_modules', name);
	rmSync(folder, { recursive: true, force: true });
	await unpackTarball(tarball, folder, logFile);

	const manifest = readPackageJson(folder);
	delete manifest.devDependencies;
	delete manifest.peerDependencies;
	delete manifest.optionalDependencies;
	writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
	const args = ['install', '--ignore-scripts', '--install-strategy=shallow', '--package-lock=false'];
	await runProcess('npm', [...args, '--no-audit', '--no-fund'], {
		cwd: folder,
		env: { ...process.env, PATH: hostPath(host) },
		logFile,
	});
}

function readPackageJson(folder: string): PackageJson {
	return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageJson;
}
