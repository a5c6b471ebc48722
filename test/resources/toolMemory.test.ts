import type { IDataObject, IExecuteFunctions, INode } from 'n8n-workflow';

import { closeMemory, memoryOf } from '../../nodes/LumaRay/resources/nodeMemory';
import { runOperation } from '../../nodes/LumaRay/resources/operations';
import type { RememberedSubmission } from '../../nodes/LumaRay/jobs/memory';
import { jobOf, orderOf } from '../jobs/support';
import { contextWith } from '../support/context';

/** The memory that a tool call leaves for the next call in the same execution. */

const KEY = '0:order';
const JOB: RememberedSubmission = { result: 'accepted', jobs: [jobOf('job')] };
const WISH = { prompt: 'It walks', image_url: 'https://images.example.com/tiger.png' };

/** n8n's context for a tool call. All calls share the node's context. */
function callWith(given: IDataObject, nodeContext: IDataObject, engine: object = {}): IExecuteFunctions {
	const context = contextWith({});
	const node: INode = { ...context.getNode(), type: 'lumaRayTool' };
	return Object.assign(context, {
		getNode: () => node,
		getContext: () => nodeContext,
		getInputData: () => [{ json: given }],
		...engine,
	});
}

/** Simulates a call that timed out: its job is paid for but not delivered. */
function leaveJobBehind(nodeContext: IDataObject): void {
	const call = callWith(WISH, nodeContext);
	memoryOf(call).keepOrder(0, KEY, orderOf());
	memoryOf(call).keep(KEY, JOB);
	closeMemory(call);
}

/** The state of an n8n that mixes up two calls and has no separate context for the second one. */
const MIXED_UP = {
	isToolExecution: () => true,
	cloneWith: undefined,
	getNextRunIndex: undefined,
	runIndex: 0,
	runExecutionData: {
		resultData: {
			runData: { 'Luma Ray': [{ inputOverride: { ai_tool: [[{ json: { prompt: 'Another call' } }]] } }] },
		},
	},
};

test('a call with the same arguments in any order and with another call ID resumes the job', () => {
	const nodeContext = {};
	leaveJobBehind(nodeContext);
	const { prompt, image_url } = WISH;
	const again = memoryOf(callWith({ toolCallId: 'call 2', image_url, prompt }, nodeContext));
	expect(again.recall(KEY)).toEqual(JOB);
});

test('a call with different arguments does not resume the job', () => {
	const nodeContext = {};
	leaveJobBehind(nodeContext);
	expect(memoryOf(callWith({ ...WISH, prompt: 'It runs' }, nodeContext)).recall(KEY)).toBeUndefined();
});

test('a call that is refused because n8n mixed up its arguments leaves the job for the next call', async () => {
	const nodeContext = {};
	leaveJobBehind(nodeContext);
	const [[item]] = await runOperation(callWith(WISH, nodeContext, MIXED_UP));
	expect(item.json.error).toContain('Another call of this tool is running');

	expect(memoryOf(callWith(WISH, nodeContext)).recall(KEY)).toEqual(JOB);
});
