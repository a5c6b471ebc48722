import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the range from which the operating system assigns ports, so that no other process gets one of these by chance
 * before it is used.
 */
const RANGE = { from: 10_000, to: 32_000 };
/** Ports that this process has already assigned. */
const given = new Set<number>();

/** Free ports of 127.0.0.1, all different. */
export async function freePorts(count: number): Promise<number[]> {
	const ports: number[] = [];
	while (ports.length < count) {
		const port = randomInt(RANGE.from, RANGE.to);
		if (given.has(port) || !(await isPortFree(port))) continue;
		given.add(port);
		ports.push(port);
	}
	return ports;
}

/** Whether no process is listening on this port of 127.0.0.1. */
export async function isPortFree(port: number): Promise<boolean> {
	try {
		const server = await listen(port);
		await new Promise((resolve) => server.close(resolve));
		return true;
	} catch {
		return false;
	}
}

function listen(port: number) {
	return new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(port, '127.0.0.1', () => resolve(server));
	});
}
