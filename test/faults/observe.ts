import type { INodeExecutionData } from 'n8n-workflow';

import type { RecordedRequest, Sandbox, SandboxJob } from '../../sandbox';
import { runNode, sandboxCredentials } from '../../harness/engine/engine';
import { nameOf, type FaultCase } from './faultCase';

/** What came of a case. */
export interface Observation {
	items: INodeExecutionData[];
	error?: { message: string; description?: string | null };
	/** Copies: the sandbox is used again. */
	jobs: SandboxJob[];
	requests: RecordedRequest[];
	/** The keys that the node was given, by provider. */
	keys: { fal: string; oxen: string };
	ms: number;
}

/** Prompts by which the sandbox tells a job that ends soon from one that does not end. */
const ENDLESS = 'Endless motion';
const SHORT = 'Short motion';

/** How long the sandbox's jobs take: see `endless`. */
export const jobSeconds = (_index: number, { prompt }: Record<string, unknown>) =>
	String(prompt).startsWith(ENDLESS) ? 600 : 0.15;

/** Plays a case in n8n's engine, against a sandbox that nobody else uses meanwhile. */
export async function observe(faultCase: FaultCase, sandbox: Sandbox): Promise<Observation> {
	const { provider, endpoint, nth = 1, fault, follow, besides = [] } = faultCase;
	sandbox.reset();
	const played = typeof fault === 'function' ? fault(sandbox) : fault;
	sandbox.faults.add({ service: provider, endpoint, nth, fault: played });
	for (const other of besides) sandbox.faults.add({ service: provider, ...other });
	const credentials = sandboxCredentials(sandbox);
	Object.assign(credentials[provider === 'fal' ? 'lumaRayFalApi' : 'lumaRayOxenApi'], faultCase.credential);
	const image = {
		data: Buffer.from('an image').toString('base64'),
		mimeType: 'image/png',
		fileName: 'x.png',
	};
	const startedAt = Date.now();
	const { items, error } = await runNode({
		credentials,
		parameters: {
			provider,
			// Of its own: a submit of another case that is in flight would keep this one's job from being found.
			prompt: `${faultCase.endless ? ENDLESS : SHORT}: ${nameOf(faultCase)}`,
			...(faultCase.uploads ? { imageSource: 'binary' } : {}),
			...faultCase.parameters,
			// No case waits for as long as people do.
			options: { follow, timeoutMinutes: 15, ...faultCase.options },
		},
		items: [{ json: {}, ...(faultCase.uploads ? { binary: { data: image } } : {}) }],
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
