import { contextWith } from '../../harness/engine/context';
import type { Credentials } from '../../harness/engine/engine';
import { openMemory, orderKey } from '../../nodes/LumaRay/jobs/memory';
import type { Task } from '../../nodes/LumaRay/jobs/context';
import { runSuspended } from '../../nodes/LumaRay/jobs/suspend';
import { createFal } from '../../nodes/LumaRay/providers/fal/fal';
import type { Order } from '../../nodes/LumaRay/providers/provider';
import { systemClock } from '../../nodes/LumaRay/transport/clock';
import { createHttp } from '../../nodes/LumaRay/transport/http';
import type { Target } from '../processes/sandbox';
import { INPUT } from './contender';

/**
 * One wake of a parked run, without n8n's own work: each unfinished job is polled once. The jobs were submitted
 * before.
 */
export async function wakeOf(
	items: number,
	credentials: Credentials,
	fal: Target,
): Promise<() => Promise<void>> {
	const http = createHttp(contextWith(credentials), 'lumaRayFalApi', [fal.queueUrl, fal.apiUrl], [fal.key]);
	const setting = {
		provider: createFal(http, fal, systemClock, false),
		clock: systemClock,
		signal: new AbortController().signal,
		memory: openMemory({}, { run: '0', execution: 'bench', parameters: {} }),
		follow: 'none' as const,
		timeoutMs: 60 * 60_000,
		cancelOnTimeout: false,
		cancelOnStop: false,
		concurrency: 10,
		failFast: false,
		tries: 1,
		log: () => undefined,
	};
	const tasks = Array.from({ length: items }, (_, index): Task => {
		const order = orderOf(`${INPUT.prompt} ${index}`);
		return { index, order, key: orderKey('fal', index, order) };
	});
	const pass = async () => {
		const passed = await runSuspended(tasks, setting);
		if (passed.end !== 'pending' || passed.pending.length !== items) throw new Error('A job had ended');
		return passed.pending;
	};
	await pass();
	return async () => {
		const pending = await pass();
		// The first pass may park before it has polled every job, but a wake must poll all of them.
		const unknown = pending.filter(({ status }) => status === 'unknown').length;
		if (unknown > 0) throw new Error(`${unknown} of ${items} jobs could not be polled`);
	};
}

function orderOf(prompt: string): Order {
	const { image_url: imageUrl } = INPUT;
	const input = {
		imageUrl,
		prompt,
		aspectRatio: '16:9',
		resolution: '540p',
		duration: '5s',
		loop: false,
	} as const;
	return {
		model: 'animate',
		input: { ...input, referenceImageUrls: [] },
		options: {},
		estimate: { usd: 0.5, source: 'table' },
	};
}
