import type { IDataObject, WorkflowExecuteMode } from 'n8n-workflow';

import { runNode, sandboxCredentials, workflowFor, type EngineRun } from '../../harness/engine/engine';
import { runToEnd } from '../../harness/engine/parked';
import { LumaRay } from '../../nodes/LumaRay/LumaRay.node';
import { HELD, useSandbox } from '../sandbox/support';

/** What n8n shows about a run in addition to its items: hints, the text of a parked node, tracing attributes. */

const sandbox = useSandbox();
const held = useSandbox(HELD);
const DASHBOARDS = {
	fal: 'https://fal.ai/dashboard/requests',
	oxen: 'https://www.oxen.ai/ai/generations',
};

function taskOf({ run }: EngineRun) {
	return run.data.resultData.runData['Luma Ray'].at(-1)!;
}

function hintsOf(run: EngineRun): string[] {
	return (taskOf(run).hints ?? []).map(({ message }) => message);
}

describe.each(['fal', 'oxen'] as const)('what n8n shows about a run at %s', (provider) => {
	test('shows the generations of a parked node and where to see them', async () => {
		const parameters = { provider, waitMode: 'suspend' };
		const run = await runNode({
			credentials: sandboxCredentials(held),
			parameters,
			items: [{ json: {} }, { json: {} }],
		});
		expect(run.run.waitTill).toBeDefined();
		const [hint] = hintsOf(run);
		for (const { id } of held.jobs) expect(hint).toContain(`${id} (queued)`);
		expect(hint).toContain(DASHBOARDS[provider]);
	});

	test('links to the provider’s dashboard in the text of a parked node', () => {
		const workflow = workflowFor({ credentials: {}, parameters: { provider } });
		const { waitingNodeTooltip } = new LumaRay().description;
		const node = workflow.getNode('Luma Ray')!;
		const text = workflow.expression.getSimpleParameterValue(node, waitingNodeTooltip, 'internal', {});
		expect(text).toMatch(/^Suspended until the videos are ready\. .* by itself/);
		expect(text).toContain(`<a href="${DASHBOARDS[provider]}"`);
	});

	test('shows a hint before the run: how long a video takes and where to see its generation', () => {
		const { hints = [] } = new LumaRay().description;
		const holds = (condition = '') =>
			new Function('$parameter', `return ${condition.slice(3, -2)}`)({
				provider,
				operation: 'animate',
				waitMode: 'wait',
			}) as boolean;
		const shown = hints.filter(({ displayCondition }) => holds(displayCondition));
		const [duration] = shown.filter(({ message }) => message.includes('1 to 15 minutes'));
		expect(duration.message).toContain(DASHBOARDS[provider]);
	});

	test.each(['wait', 'suspend'])(
		'adds the order and its cost to the node’s tracing span in wait mode %s',
		async (mode) => {
			const options = {
				credentials: sandboxCredentials(sandbox),
				parameters: { provider, waitMode: mode },
				items: [{ json: {} }, { json: {} }],
			};
			const run = mode === 'suspend' ? await runToEnd(options) : await runNode(options);
			const { tracing } = taskOf(run).metadata!;
			expect(tracing).toEqual({
				'luma_ray.provider': provider,
				'luma_ray.model': sandbox.jobs[0].model,
				'luma_ray.request_id': expect.any(String),
				'luma_ray.estimated_usd': 1,
				'luma_ray.billed_usd': 1,
			});
			const ids = String(tracing!['luma_ray.request_id']).split(',');
			expect(ids.sort()).toEqual(sandbox.jobs.map(({ id }) => id).sort());
		},
	);
});

test('adds the tracing attributes even if the run fails', async () => {
	sandbox.faults.add({ endpoint: 'submit', fault: { kind: 'jobFails', message: 'No such tiger' } });
	const run = await runNode({ credentials: sandboxCredentials(sandbox) });
	expect(run.error).toBeDefined();
	expect(taskOf(run).metadata!.tracing).toMatchObject({
		'luma_ray.request_id': sandbox.jobs[0].id,
		'luma_ray.billed_usd': 0,
	});
});

describe('the hint to use Suspend', () => {
	const hintsIn = async (mode: WorkflowExecuteMode, parameters: IDataObject = {}) =>
		hintsOf(await runNode({ credentials: sandboxCredentials(sandbox), mode, parameters }));

	test('is shown if a schedule started the run and the run waits', async () => {
		expect(await hintsIn('trigger')).toEqual([expect.stringContaining('to <b>Suspend</b>')]);
	});

	test.each(['manual', 'webhook'] as const)('is not shown if the run was started by %s', async (mode) => {
		expect(await hintsIn(mode)).toEqual([]);
	});

	test('is not shown with Submit Only', async () => {
		expect(await hintsIn('trigger', { waitMode: 'submit' })).toEqual([]);
	});
});
