import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';
import { installPackages } from '../n8n';

const KNOWN_PLACES = [
	'/usr/bin/chromium',
	'/usr/bin/chromium-browser',
	'/usr/bin/google-chrome',
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * Headless, for machines without kernel support for sandboxing and without a GPU. Chromium must not check for
 * updates.
 */
const FLAGS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];

/**
 * Starts this machine's Chromium. If it is missing, installs Debian's package first, which needs root's rights.
 * @throws with instructions if Chromium cannot be installed here
 */
export async function launchChromium(logFile: string): Promise<Browser> {
	const executablePath = findChromium() ?? (await installChromium(logFile));
	return await chromium.launch({ executablePath, args: FLAGS });
}

function findChromium(): string | undefined {
	return [process.env.CHROMIUM, ...KNOWN_PLACES].find((path) => path && existsSync(path));
}

async function installChromium(logFile: string): Promise<string> {
	await installPackages(['chromium'], logFile);
	const path = findChromium();
	if (path) return path;
	throw new Error(
		'No Chromium was found. If it is elsewhere, set the environment variable CHROMIUM to its path.',
	);
}
