import type { IDataObject, INode } from 'n8n-workflow';

import { runNode, sandboxCredentials } from '../../harness/engine/engine';
import { REFUSALS, startSandbox, type Fault, type Sandbox, type Service } from '../../sandbox';
import { status } from '../faults/faults';
import { useSandbox } from '../sandbox/support';

/** What the node reports about the cost of an item without a video. It reports only what is certain. */

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
	// The provider asks for a longer pause than the run has left, so the submit is not repeated.
	'too many requests': {
		fal: status('fal', 429, 'Too many requests', { 'retry-after': '60' }),
		oxen: status('oxen', 429, 'Too many requests', { 'retry-after': '60' }),
	},
	'a refused input': { fal: status('fal', 422, 'No such ratio'), oxen: status('oxen', 422, 'No such ratio') },
};

describe.each(['fal', 'oxen'] as const)('billing of failed items at %s', (provider) => {
	test.each(Object.entries(REFUSED))(
		'reports that nothing was billed, and names no job, after %s at the submit',
		async (_what, faults) => {
			// In its own sandbox, because the process sends the provider nothing else until the pause is over.
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

	test('does not report a refused blocking call as free, because the model has run', async () => {
		const fault = status(provider, 422, 'The content policy refused it');
		sandbox.faults.add({ endpoint: 'run', fault });
		const { error } = await run({ provider, options: { follow: 'direct' } });
		expect(error?.message).toContain('content policy');
		expect(error?.description).not.toContain(NOTHING);
	});

	test('shows whether a failed job was billed if the provider reports it', async () => {
		sandbox.faults.add({ endpoint: 'submit', fault: { kind: 'jobFails', message: 'No such tiger' } });
		const { error } = await run({ provider });
		expect(error?.description).toContain(`${NAMES[provider]} did not bill this generation.`);
		expect(error?.description).toContain(sandbox.jobs[0].id);
	});
});

test('shows the ID of fal.ai’s refusal as a reference for fal.ai’s support', async () => {
	const headers = { 'x-fal-request-id': 'a-reference' };
	sandbox.faults.add({ endpoint: 'submit', fault: status('fal', 422, 'No such ratio', headers) });
	const { error } = await run({});
	expect(error?.description).toContain('Reference for fal.ai support: a-reference');
});

test('reports the cost of a failed job that was billed', async () => {
	const failed = { kind: 'jobFails', message: 'No such tiger' } as const;
	sandbox.faults.add({ endpoint: 'submit', fault: failed });
	const headers = { 'x-fal-billable-units': '2' };
	const body = { detail: [{ loc: ['body'], msg: 'No such tiger', type: 'no_media_generated' }] };
	sandbox.faults.add({ endpoint: 'result', fault: { kind: 'status', code: 422, body, headers } });
	const { error } = await run({});
	expect(error?.description).toContain('fal.ai billed $1 for this generation.');
});
