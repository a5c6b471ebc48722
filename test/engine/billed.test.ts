import type { IDataObject, INode } from 'n8n-workflow';

import { runNode, sandboxCredentials } from '../../harness/engine/engine';
import { REFUSALS, startSandbox, type Fault, type Sandbox, type Service } from '../../sandbox';
import { status } from '../faults/faults';
import { useSandbox } from '../sandbox/support';

/** What the node says about the cost of an item without a video: only what is certain. */

const sandbox = useSandbox();
const NOTHING = 'Nothing was submitted or billed.';
const NAMES = { fal: 'fal.ai', oxen: 'Oxen.ai' };

async function run(parameters: IDataObject, node: Partial<INode> = {}, at: Sandbox = sandbox) {
	return await runNode({ credentials: sandboxCredentials(at), parameters, node });
}

/** Refusals at the submit, in the words of each provider. */
const REFUSED: { [what: string]: { [provider in Service]: Fault } } = {
	'a wrong key': { fal: status('fal', 401, 'No user found'), oxen: status('oxen', 401, 'unauthenticated') },
	'a used-up balance': { fal: REFUSALS.falExhaustedBalance, oxen: REFUSALS.oxenInsufficientCredits },
	// It asks for a longer pause than the run has time, so it is not tried again.
	'too many requests': {
		fal: status('fal', 429, 'Too many requests', { 'retry-after': '60' }),
		oxen: status('oxen', 429, 'Too many requests', { 'retry-after': '60' }),
	},
	'a refused input': { fal: status('fal', 422, 'No such ratio'), oxen: status('oxen', 422, 'No such ratio') },
};

describe.each(['fal', 'oxen'] as const)('at %s', (provider) => {
	test.each(Object.entries(REFUSED))(
		'%s at the submit: nothing was submitted or billed, and no job is named',
		async (_what, faults) => {
			// Of its own: nothing else is sent to a provider for as long as it asks for a pause.
			const own = await startSandbox();
			own.faults.add({ endpoint: 'submit', fault: faults[provider] });
			const { items } = await run(
				{ provider, options: { timeoutMinutes: 0.5 } },
				{ onError: 'continueRegularOutput' },
				own,
			);
			const { details } = items[0].json;
			expect(details).toMatchObject({ provider, requestId: null });
			const { description } = details as IDataObject;
			expect(description).toContain(NOTHING);
			expect(description).not.toContain('Request ID');
			expect(own.jobs).toEqual([]);
			await own.close();
		},
	);

	test('a blocking call that the model refused is not called free: the model has run', async () => {
		const fault = status(provider, 422, 'The content policy refused it');
		sandbox.faults.add({ endpoint: 'run', fault });
		const { error } = await run({ provider, options: { follow: 'direct' } });
		expect(error?.message).toContain('content policy');
		expect(error?.description).not.toContain(NOTHING);
	});

	test('a job that failed says whether it was billed, if the provider reports it', async () => {
		sandbox.faults.add({ endpoint: 'submit', fault: { kind: 'jobFails', message: 'No such tiger' } });
		const { error } = await run({ provider });
		expect(error?.description).toContain(`${NAMES[provider]} did not bill this generation.`);
		expect(error?.description).toContain(sandbox.jobs[0].id);
	});
});

test('an ID that fal.ai gives with a refusal is a reference for its support', async () => {
	const headers = { 'x-fal-request-id': 'a-reference' };
	sandbox.faults.add({ endpoint: 'submit', fault: status('fal', 422, 'No such ratio', headers) });
	const { error } = await run({});
	expect(error?.description).toContain('Reference for fal.ai support: a-reference');
});

test('a failed job that was billed says what it cost', async () => {
	const failed = { kind: 'jobFails', message: 'No such tiger' } as const;
	sandbox.faults.add({ endpoint: 'submit', fault: failed });
	const headers = { 'x-fal-billable-units': '2' };
	const body = { detail: [{ loc: ['body'], msg: 'No such tiger', type: 'no_media_generated' }] };
	sandbox.faults.add({ endpoint: 'result', fault: { kind: 'status', code: 422, body, headers } });
	const { error } = await run({});
	expect(error?.description).toContain('fal.ai billed $1 for this generation.');
});
