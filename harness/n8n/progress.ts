import { setTimeout as sleep } from 'node:timers/promises';

const TICK_MS = process.stderr.isTTY ? 1_000 : 15_000;
const CLEAR_LINE = '\r\x1b[2K';

/**
 * Shows on stderr that a step is in progress, how long it has taken so far, and how it ended.
 * @param label what is being done, such as "Install n8n 2.41.1"
 * @param expected what to expect, such as "about 2 minutes and 2.2 GB"; '' for short steps
 */
export async function withProgress<T>(label: string, expected: string, work: () => Promise<T>): Promise<T> {
	const started = Date.now();
	const ticking = new AbortController();
	const line = expected ? `${label} (${expected})` : label;
	if (expected || !process.stderr.isTTY) process.stderr.write(`… ${line}\n`);
	const ticker = tick(label, started, ticking.signal);
	let mark = '✗';
	try {
		const result = await work();
		mark = '✓';
		return result;
	} finally {
		ticking.abort();
		await ticker;
		process.stderr.write(`${process.stderr.isTTY ? CLEAR_LINE : ''}${mark} ${label}, ${elapsed(started)}\n`);
	}
}

async function tick(label: string, started: number, signal: AbortSignal): Promise<void> {
	try {
		for (;;) {
			await sleep(TICK_MS, undefined, { signal });
			if (process.stderr.isTTY) process.stderr.write(`${CLEAR_LINE}  ${label}: ${elapsed(started)}`);
			else process.stderr.write(`  ${label}: still at it after ${elapsed(started)}\n`);
		}
	} catch {
		// Called when the step has ended.
	}
}

function elapsed(started: number): string {
	const seconds = Math.round((Date.now() - started) / 1000);
	return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
