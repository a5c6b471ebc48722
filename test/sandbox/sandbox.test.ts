import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { startSandbox } from '../../sandbox';
import { falClient, finish, HELD, http, INPUT, sleep, until } from './support';

test('jobs above the concurrency limit wait until others end', async () => {
	const sandbox = await startSandbox({ ...HELD, queueSeconds: 0, concurrency: 2 });
	try {
		const fal = falClient(sandbox);
		await Promise.all([1, 2, 3, 4, 5].map(() => fal.submit()));
		const statuses = () => sandbox.jobs.map(({ status }) => status).join(' ');
		await until(() => statuses() === 'running running queued queued queued', 'two running jobs');
		// Time for a third job to start, although it should not.
		await sleep(30);
		expect(statuses()).toBe('running running queued queued queued');
		await sandbox.advance(sandbox.jobs[0]);
		expect(statuses()).toBe('succeeded running running queued queued');
		await sandbox.advance(sandbox.jobs[2]);
		expect(statuses()).toBe('succeeded running succeeded running queued');
	} finally {
		await sandbox.close();
	}
});

test('each job can have its own length', async () => {
	const sandbox = await startSandbox({
		queueSeconds: 0,
		jobSeconds: (index, input) => (input.duration === '10s' ? 60 : index / 100),
	});
	try {
		const fal = falClient(sandbox);
		await fal.submit();
		await fal.submit({ ...INPUT, duration: '10s' });
		await fal.submit();
		expect(sandbox.jobs.map(({ runSeconds }) => runSeconds)).toEqual([0, 60, 0.02]);
	} finally {
		await sandbox.close();
	}
});

test('reset deletes all state and closes streams', async () => {
	const sandbox = await startSandbox(HELD);
	try {
		const fal = falClient(sandbox);
		const { requests, jobs } = sandbox;
		const { body } = await fal.submit();
		const stream = fal.stream(body.status_url);
		await until(() => sandbox.openStreams() === 1);
		expect(requests.at(-1)).toMatchObject({ endpoint: 'stream', status: 200, jobId: body.request_id });
		sandbox.reset();
		expect((await stream).map(({ status }) => status)).toEqual(['IN_QUEUE']);
		await until(() => sandbox.openStreams() === 0);
		expect([requests, jobs]).toEqual([[], []]);
		expect((await fal.get(body.status_url)).status).toBe(404);
	} finally {
		await sandbox.close();
	}
});

test('close ends open connections', async () => {
	const sandbox = await startSandbox(HELD);
	const fal = falClient(sandbox);
	const { body } = await fal.submit();
	const stream = fal.stream(body.status_url);
	const blocked = fal.run().then(
		() => 'answered',
		() => 'cut off',
	);
	await until(() => sandbox.openStreams() === 1 && sandbox.jobs.length === 2);
	await sandbox.close();
	await stream;
	expect(await blocked).toBe('cut off');
	for (const url of [...Object.values(sandbox.fal), ...Object.values(sandbox.oxen)]) {
		if (String(url).startsWith('http')) await expect(http('GET', String(url))).rejects.toThrow();
	}
});

test('the process can exit after close', async () => {
	const script = `
		const { startSandbox } = require('./sandbox');
		const { falClient } = require('./test/sandbox/support');
		(async () => {
			const sandbox = await startSandbox({ jobSeconds: 60, queueSeconds: 0 });
			const fal = falClient(sandbox);
			const { body } = await fal.submit(undefined, { headers: { 'x-fal-request-timeout': '60' } });
			sandbox.faults.add({ endpoint: 'status', fault: { kind: 'delay', ms: 60_000 } });
			fal.get(body.status_url).catch(() => {});
			fal.get(body.status_url + '/stream').catch(() => {});
			while (sandbox.requests.length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
			await sandbox.close();
		})();`;
	const child = spawn(process.execPath, ['--import', 'tsx', '-e', script], { cwd: join(__dirname, '../..') });
	const deadline = setTimeout(() => child.kill('SIGKILL'), 120_000);
	const [code] = await once(child, 'exit');
	clearTimeout(deadline);
	expect(code).toBe(0);
});

test('each host has its own origin', async () => {
	const { fal, close } = await startSandbox();
	const origins = [fal.queueUrl, fal.runUrl, fal.restUrl, fal.apiUrl, fal.cdnUrl];
	expect(new Set(origins).size).toBe(origins.length);
	await close();
});

test('a port in use causes an error, and no server keeps running', async () => {
	const first = await startSandbox();
	const port = Number(new URL(first.fal.apiUrl).port);
	await expect(startSandbox({ ports: { api: port } })).rejects.toMatchObject({ code: 'EADDRINUSE', port });
	await first.close();
});

test('a thousand simultaneous jobs use little CPU time', async () => {
	const sandbox = await startSandbox(HELD);
	try {
		const fal = falClient(sandbox);
		const submitted = await Promise.all(Array.from({ length: 1000 }, () => fal.submit()));
		const streams = submitted.slice(0, 200).map(({ body }) => fal.stream(body.status_url));
		await Promise.all(submitted.slice(200).map(({ body }) => fal.get(body.status_url)));
		await until(() => sandbox.openStreams() === 200, 'all streams');
		// The share of time that this process is busy. It has no work of its own, so anything that polls would show up.
		const before = performance.eventLoopUtilization();
		await sleep(1_000);
		expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.5);
		await Promise.all(sandbox.jobs.map(async (job) => await finish(sandbox, job)));
		for (const events of await Promise.all(streams)) {
			expect(events.at(-1)).toMatchObject({ status: 'COMPLETED' });
		}
		expect(sandbox.jobs.every(({ status }) => status === 'succeeded')).toBe(true);
	} finally {
		await sandbox.close();
	}
});
