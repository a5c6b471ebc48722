import { Readable } from 'node:stream';

import { Container } from '@n8n/di';
import { BinaryDataService, FileLocation } from 'n8n-core';
import type { IBinaryData, INodeExecutionData } from 'n8n-workflow';

import {
	startSandbox,
	type RecordedRequest,
	type Sandbox,
	type SandboxJob,
	type SandboxOptions,
} from '../../sandbox';
import { runNode, sandboxCredentials } from '../../harness/engine/engine';
import { formOrder, type FormOrder } from '../support/family';
import { nameOf, type FaultCase } from './faultCase';

/** The result of a case. */
export interface Observation {
	items: INodeExecutionData[];
	error?: { message: string; description?: string | null };
	/** A copy, because the sandbox is used again. */
	jobs: SandboxJob[];
	requests: RecordedRequest[];
	/** The keys in the node's credentials, by provider. */
	keys: { fal: string; oxen: string };
	ms: number;
}

/** Prompts for a job that never ends and for a job that ends soon. */
const ENDLESS = 'Endless motion';
const SHORT = 'Short motion';

/** How long the sandbox's jobs take, by the prompt. */
const jobSeconds = (_index: number, { prompt }: Record<string, unknown>) =>
	String(prompt).startsWith(ENDLESS) ? 600 : 0.15;

export const SANDBOX: SandboxOptions = { jobSeconds, queueSeconds: 0.05 };

/** Runs a case in n8n's engine, with a sandbox that no other case is using. */
export async function observe(faultCase: FaultCase, shared: Sandbox): Promise<Observation> {
	if (!faultCase.needsOwnSandbox) return await play(faultCase, shared);
	const own = await startSandbox(SANDBOX);
	try {
		return await play(faultCase, own);
	} finally {
		await own.close();
	}
}

async function play(faultCase: FaultCase, sandbox: Sandbox): Promise<Observation> {
	const { provider, endpoint, operation, nth = 1, fault, follow, besides = [] } = faultCase;
	sandbox.reset();
	const played = typeof fault === 'function' ? fault(sandbox) : fault;
	sandbox.faults.add({ service: provider, endpoint, nth, fault: played });
	for (const other of besides) sandbox.faults.add({ service: provider, ...other });
	const credentials = sandboxCredentials(sandbox);
	Object.assign(credentials[provider === 'fal' ? 'lumaRayFalApi' : 'lumaRayOxenApi'], faultCase.credential);
	const order = formOrder(provider, operation, { binary: Boolean(faultCase.uploads) });
	const binary = faultCase.uploads === 'large' ? await withLargeFiles(order) : order.binary;
	const startedAt = Date.now();
	const { items, error } = await runNode({
		credentials,
		parameters: {
			...order.parameters,
			// A unique prompt. With an equal one, a submit of another case in flight would keep the job from being found.
			prompt: `${faultCase.endless ? ENDLESS : SHORT}: ${nameOf(faultCase)}`,
			...faultCase.parameters,
			// Shorter than the default, because no case needs that long.
			options: { follow, timeoutMinutes: 15, ...faultCase.options },
		},
		items: [{ json: {}, binary }],
	});
	return {
		items,
		error,
		jobs: structuredClone(sandbox.jobs),
		requests: sandbox.requests.filter(({ service }) => service === provider),
		keys: { fal: sandbox.fal.key, oxen: sandbox.oxen.key },
		ms: Date.now() - startedAt,
	};
}

/** The smallest file size that is uploaded to fal in parts: just above 90 MiB. */
const LARGE_BYTES = 90 * 1024 * 1024 + 1;
let largeFile: Promise<IBinaryData> | undefined;

/** The binary data of an order, with each file replaced by a large file in n8n's store. */
async function withLargeFiles({ binary }: FormOrder): Promise<FormOrder['binary']> {
	largeFile ??= storeLargeFile();
	const large = await largeFile;
	return Object.fromEntries(Object.entries(binary).map(([field, file]) => [field, { ...file, ...large }]));
}

async function storeLargeFile(): Promise<IBinaryData> {
	const store = Container.get(BinaryDataService);
	await store.init();
	function* zeros() {
		const chunk = Buffer.alloc(1024 * 1024);
		for (let left = LARGE_BYTES; left > 0; left -= chunk.length) yield chunk.subarray(0, left);
	}
	const file = { data: '', mimeType: 'video/mp4', fileName: 'large.mp4' };
	return await store.store(FileLocation.ofExecution('workflow', 'large'), Readable.from(zeros()), file);
}
