import { WebhookContext } from 'n8n-core';
import type { IWebhookResponseData } from 'n8n-workflow';

import { LumaRay } from '../../nodes/LumaRay/LumaRay.node';
import { startSandbox, type Sandbox } from '../../sandbox';
import { until } from '../sandbox/support';
import {
	additionalDataFor,
	runNode,
	sandboxCredentials,
	workflowFor,
	type Credentials,
} from '../../harness/engine/engine';

/** fal.ai's deliveries to a suspended execution, in n8n's own webhook context. The sandbox signs them like fal. */

const MINUTE = 60_000;

let sandbox: Sandbox;
let executions = 0;
let executionId = '';
beforeEach(async () => {
	// Each test has its own address for the keys and its own execution.
	sandbox = await startSandbox({ jobSeconds: 0.05, queueSeconds: 0 });
	executionId = `delivered-${++executions}`;
});
afterEach(async () => {
	vi.restoreAllMocks();
	await sandbox.close();
});

interface Delivery {
	headers: { [name: string]: string };
	body: string;
}

/** The result of a delivery: the status of the answer, and whether n8n resumes the execution. */
interface Answer {
	status: number;
	wakes: boolean;
}

/** A delivery about an ended job, as the sandbox sends it. */
async function genuine(at = Date.now(), by = sandbox): Promise<Delivery> {
	await runNode({ credentials: sandboxCredentials(by), parameters: { waitMode: 'submit' } });
	await until(() => by.jobs[0].completedAt);
	const body = by.fal.webhooks.bodyFor(by.jobs[0]);
	return { headers: by.fal.webhooks.sign(by.jobs[0].id, body, at), body };
}

function withHeader({ headers, body }: Delivery, name: string, value: string | undefined): Delivery {
	const others = Object.entries(headers).filter(([other]) => other !== `x-fal-webhook-${name}`);
	const changed = value === undefined ? [] : [[`x-fal-webhook-${name}`, value]];
	return { headers: Object.fromEntries([...others, ...changed]), body };
}

async function deliver(
	{ headers, body }: Delivery,
	credentials: Credentials = sandboxCredentials(sandbox),
	execution = executionId,
): Promise<Answer> {
	const answer: Answer = { status: 200, wakes: false };
	const httpResponse = {
		status(code: number) {
			answer.status = code;
			return { json: () => undefined };
		},
	};
	const httpRequest = { headers, body: JSON.parse(body) as unknown, rawBody: Buffer.from(body) };
	const workflow = workflowFor({ credentials });
	const context = new WebhookContext(
		workflow,
		workflow.getNode('Luma Ray')!,
		{
			...additionalDataFor(credentials),
			executionId: execution,
			httpRequest: httpRequest as never,
			httpResponse: httpResponse as never,
		},
		'webhook',
		{ webhookDescription: {} } as never,
		[],
		null,
	);
	const returned: IWebhookResponseData = await new LumaRay().webhook.call(context);
	// n8n resumes an execution only if its webhook returns data for it.
	answer.wakes = returned.workflowData !== undefined;
	expect(answer.wakes).toBe(returned.noWebhookResponse !== true);
	return answer;
}

function keyReadings(): number {
	return sandbox.requests.filter(({ endpoint }) => endpoint === 'jwks').length;
}

const WOKEN: Answer = { status: 200, wakes: true };
const REFUSED: Answer = { status: 401, wakes: false };

test('a genuine delivery wakes the execution', async () => {
	expect(await deliver(await genuine())).toEqual(WOKEN);
});

describe('refuses a delivery', () => {
	test.each(['request-id', 'user-id', 'timestamp', 'signature'])('without its %s', async (name) => {
		expect(await deliver(withHeader(await genuine(), name, undefined))).toEqual(REFUSED);
		expect(keyReadings()).toBe(0);
	});

	test.each([
		['request-id', 'another'],
		['user-id', 'another'],
		['timestamp', (given: string) => String(Number(given) + 7)],
		['signature', 'ab'.repeat(64)],
		['signature', 'not hexadecimal'],
		['signature', 'ab'],
	])('with the %s changed to %p', async (name, value) => {
		const delivery = await genuine();
		const made = typeof value === 'string' ? value : value(delivery.headers[`x-fal-webhook-${name}`]);
		expect(await deliver(withHeader(delivery, name, made))).toEqual(REFUSED);
	});

	test('with a body that was changed by a single space', async () => {
		const delivery = await genuine();
		expect(await deliver({ ...delivery, body: `${delivery.body} ` })).toEqual(REFUSED);
	});

	test.each([
		['six minutes old', -6 * MINUTE],
		['six minutes in the future', 6 * MINUTE],
	])('that is %s', async (_age, offset) => {
		expect(await deliver(await genuine(Date.now() + offset))).toEqual(REFUSED);
		expect(keyReadings()).toBe(0);
	});

	test('with a signed timestamp that is not a number', async () => {
		expect(await deliver(withHeader(await genuine(), 'timestamp', 'now'))).toEqual(REFUSED);
	});

	test('that is signed with another key', async () => {
		const stranger = await startSandbox({ jobSeconds: 0.05, queueSeconds: 0 });
		try {
			expect(await deliver(await genuine(Date.now(), stranger))).toEqual(REFUSED);
		} finally {
			await stranger.close();
		}
	});

	test('if the node expects no delivery from fal', async () => {
		const { lumaRayOxenApi } = sandboxCredentials(sandbox);
		expect(await deliver(await genuine(), { lumaRayOxenApi })).toEqual({ status: 404, wakes: false });
	});

	test('with a 503 while fal’s keys cannot be read', async () => {
		const fault = sandbox.faults.add({ endpoint: 'jwks', fault: { kind: 'status', code: 503, body: {} } });
		const delivery = await genuine();
		expect(await deliver(delivery)).toEqual({ status: 503, wakes: false });
		fault.remove();
		// The keys are read again only after a pause.
		vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 1_000);
		expect(await deliver(delivery)).toEqual(WOKEN);
	});
});

test('accepts a delivery that is slightly less than five minutes old', async () => {
	const now = Date.now();
	const delivery = await genuine(now - 299_000);
	// Removes the time that the steps above took.
	vi.spyOn(Date, 'now').mockReturnValue(now);
	expect(await deliver(delivery)).toEqual(WOKEN);
});

test('ignores the content of the body', async () => {
	const { body } = await genuine();
	const { id } = sandbox.jobs[0];
	const forged = JSON.stringify({
		...JSON.parse(body),
		request_id: 'another',
		status: 'ERROR',
		error: 'Forged',
	});
	const delivery = { headers: sandbox.fal.webhooks.sign(id, forged), body: forged };
	expect(await deliver(delivery)).toEqual(WOKEN);
});

describe('fal’s keys for signatures', () => {
	test('are read once for many deliveries', async () => {
		const delivery = await genuine();
		await Promise.all(['a', 'b', 'c'].map((execution) => deliver(delivery, undefined, execution)));
		expect(keyReadings()).toBe(1);
	});

	test('are read again for an unknown signature if they are older than a minute', async () => {
		const delivery = await genuine();
		await deliver(delivery, undefined, 'first');
		const rotated = await startSandbox({ jobSeconds: 0.05, queueSeconds: 0 });
		try {
			const keys = await (await fetch(`${rotated.fal.restUrl}/.well-known/jwks.json`)).json();
			sandbox.faults.add({ endpoint: 'jwks', fault: { kind: 'status', code: 200, body: keys } });
			const byNewKey = async () => await genuine(Date.now(), rotated);
			expect(await deliver(await byNewKey())).toEqual(REFUSED);
			vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 61_000);
			expect(await deliver(await byNewKey())).toEqual(WOKEN);
		} finally {
			await rotated.close();
		}
	});

	test('are not read again for each forged delivery', async () => {
		const forged = withHeader(await genuine(), 'signature', 'ab'.repeat(64));
		for (let times = 0; times < 3; times++) await deliver(forged);
		expect(keyReadings()).toBe(1);
	});
});

describe('a delivery wakes the execution', () => {
	test('only once if it is sent twice', async () => {
		const delivery = await genuine();
		expect(await deliver(delivery)).toEqual(WOKEN);
		expect(await deliver(delivery)).toEqual({ status: 409, wakes: false });
	});

	test('only once if it arrives twice at the same time', async () => {
		const delivery = await genuine();
		const answers = await Promise.all([deliver(delivery), deliver(delivery)]);
		expect(answers.map(({ wakes }) => wakes).sort()).toEqual([false, true]);
	});

	test('again if it is sent again later', async () => {
		const delivery = await genuine();
		await deliver(delivery);
		vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 11_000);
		expect(await deliver(delivery)).toEqual(WOKEN);
	});

	test('again after the clock was set back by an hour', async () => {
		const HOUR = 60 * MINUTE;
		expect(await deliver(await genuine())).toEqual(WOKEN);
		const late = Date.now() - HOUR;
		vi.spyOn(Date, 'now').mockReturnValue(late);
		const { id } = sandbox.jobs[0];
		const body = sandbox.fal.webhooks.bodyFor(sandbox.jobs[0]);
		expect(await deliver({ headers: sandbox.fal.webhooks.sign(id, body, late), body })).toEqual(WOKEN);
	});

	test('regardless of deliveries to other executions', async () => {
		const delivery = await genuine();
		await deliver(delivery, undefined, 'another');
		expect(await deliver(delivery)).toEqual(WOKEN);
	});
});
