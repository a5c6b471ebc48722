import type {
	IExecuteFunctions,
	IWebhookDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';

import type { Delivery, VerificationFailure } from '../providers/entry';
import { OFFERED } from '../providers/offered';
import { resumeUrlOf } from '../transport/suspension';
import { isPrivateAddress } from '../transport/urls';
import { endpointsOf } from './connect';
import { REFUSED_DELIVERIES } from './messages/deliveries';
import type { RunOptions } from './options';

/**
 * Two simultaneous deliveries resume an execution of n8n 1.x twice. The second one is refused, and fal sends it again.
 */
const ONE_WAKE_PER_MS = 10_000;

/** The webhook of a suspended execution. n8n builds its address from the execution, so the path is empty. */
export const callbackWebhooks: IWebhookDescription[] = [
	{
		name: 'default',
		httpMethod: 'POST',
		responseMode: 'onReceived',
		responseData: '',
		path: '',
		restartWebhook: true,
		isFullPath: true,
	},
];

/**
 * The URL that fal.ai calls for this execution; undefined if the user wants no callback or fal.ai cannot reach this n8n.
 */
export function callbackUrl(
	context: IExecuteFunctions,
	{ callback, callbackBaseUrl }: RunOptions,
): string | undefined {
	const resumeUrl = callback === 'never' ? undefined : resumeUrlOf(context);
	if (resumeUrl === undefined || !URL.canParse(resumeUrl)) return undefined;
	if (callback === 'custom' && callbackBaseUrl !== undefined) {
		const { pathname, search } = new URL(resumeUrl);
		return `${callbackBaseUrl}${pathname}${search}`;
	}
	return isPrivateAddress(resumeUrl) ? undefined : resumeUrl;
}

/** When a delivery last woke each execution, as Unix time in milliseconds. */
const wakes = new Map<string, number>();

/**
 * Answers a delivery. A genuine delivery only wakes the execution: the node does not trust its content and polls the
 * provider instead. An unsigned, altered or stale delivery is refused. If another delivery is already waking the
 * execution, the status of the refusal makes fal send this one again.
 */
export async function answerCallback(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const verify = await verifierOf(context);
	if (verify === undefined) return refuse(context, 'unexpected');
	const doubt = await verifyCallback(context, verify);
	if (doubt !== undefined) return refuse(context, doubt);
	if (!mayWake(context.getExecutionId())) return refuse(context, 'waking');
	return { webhookResponse: { ok: true }, workflowData: [] };
}

function refuse(context: IWebhookFunctions, why: keyof typeof REFUSED_DELIVERIES): IWebhookResponseData {
	const [httpStatus, message] = REFUSED_DELIVERIES[why];
	context.getResponseObject().status(httpStatus).json({ message });
	return { noWebhookResponse: true };
}

type Verifier = (
	delivery: Delivery,
	fetchJson: (url: string) => Promise<unknown>,
) => Promise<VerificationFailure | undefined>;

/** Undefined if the node has no credential of a provider that sends deliveries, so none is expected. */
async function verifierOf(context: IWebhookFunctions): Promise<Verifier | undefined> {
	const sender = Object.values(OFFERED).find(({ verifyDelivery }) => verifyDelivery);
	if (!sender) return undefined;
	try {
		const credential = await context.getCredentials(sender.credential.name);
		const endpoints = endpointsOf(credential, sender.endpoints);
		return async (delivery, fetchJson) => await sender.verifyDelivery?.(delivery, endpoints, fetchJson);
	} catch {
		return undefined;
	}
}

async function verifyCallback(
	context: IWebhookFunctions,
	verify: Verifier,
): Promise<VerificationFailure | undefined> {
	const request = context.getRequestObject();
	// n8n reads the raw body on demand.
	await (request as { readRawBody?: () => Promise<void> }).readRawBody?.();
	const delivery = { headers: request.headers, rawBody: request.rawBody ?? Buffer.alloc(0) };
	const fetchJson = async (url: string): Promise<unknown> =>
		await context.helpers.httpRequest({ method: 'GET', url, json: true });
	return await verify(delivery, fetchJson);
}

/** Whether no other delivery has woken the execution recently. Records this one. */
function mayWake(executionId: string): boolean {
	const now = Date.now();
	// A clock that was set back must not make an old wake look recent.
	const isRecent = (at: number) => Math.abs(now - at) < ONE_WAKE_PER_MS;
	if (isRecent(wakes.get(executionId) ?? -Infinity)) return false;
	for (const [id, at] of wakes) if (!isRecent(at)) wakes.delete(id);
	wakes.set(executionId, now);
	return true;
}
