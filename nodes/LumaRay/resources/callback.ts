import type {
	IExecuteFunctions,
	IWebhookDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';

import { FAL_ENDPOINTS } from '../providers/fal/fal';
import { whyNotGenuine, type Doubt } from '../providers/fal/webhook';
import { resumeUrlOf } from '../transport/suspension';
import { isPrivateAddress } from '../transport/urls';
import { endpointsOf } from './connect';
import type { RunOptions } from './options';

/** How long fal's keys are believed, in milliseconds (fal docs: at most 24 hours). */
const KEYS_LIVE_MS = 12 * 3_600_000;
/** How long keys are surely fal's newest; after that, a signature that fits none of them may come from a new one. */
const KEYS_FRESH_MS = 60_000;
/** n8n 1.x lets two deliveries at once resume an execution twice; a second one this soon is asked to come again. */
const ONE_WAKE_PER_MS = 10_000;

/** The webhook of a suspended execution. n8n knows its address by the execution, so the path is empty. */
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
 * Where fal.ai shall ring for this execution; undefined where it is not to, or could not reach this n8n.
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

/** fal's keys by the address that they were read from. The reading is kept, so that simultaneous ones share it. */
const keySets = new Map<string, { reading: Promise<unknown>; readAt: number }>();
/** When each execution was last woken, as Unix time in milliseconds. */
const wakes = new Map<string, number>();

const REFUSALS: { [doubt in Doubt]: string } = {
	unsigned: 'The delivery is not signed',
	stale: 'The delivery is stale',
	misfit: "The delivery's signature does not fit",
};

/**
 * Answers a delivery. A genuine one wakes the execution and nothing more: nothing in it is believed, the node asks
 * the provider. What is unsigned, altered or stale is refused; one that comes while the last one is still at work is
 * told to come again, which fal does.
 */
export async function answerCallback(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const restUrl = await restUrlOf(context);
	if (restUrl === undefined) return refuse(context, 404, 'This execution expects no delivery');
	let doubt: Doubt | undefined;
	try {
		doubt = await doubtOf(context, restUrl);
	} catch {
		return refuse(context, 503, "fal.ai's keys could not be read");
	}
	if (doubt !== undefined) return refuse(context, 401, REFUSALS[doubt]);
	if (!mayWake(context.getExecutionId())) return refuse(context, 409, 'The execution is just being woken');
	return { webhookResponse: { ok: true }, workflowData: [] };
}

function refuse(context: IWebhookFunctions, status: number, message: string): IWebhookResponseData {
	context.getResponseObject().status(status).json({ message });
	return { noWebhookResponse: true };
}

/** Where fal's keys lie; undefined where the node has no credential for fal and so waits for no delivery. */
async function restUrlOf(context: IWebhookFunctions): Promise<string | undefined> {
	try {
		const credential = await context.getCredentials('lumaRayFalApi');
		return endpointsOf(credential, FAL_ENDPOINTS).restUrl;
	} catch {
		return undefined;
	}
}

/** @throws what the request for fal's keys throws */
async function doubtOf(context: IWebhookFunctions, restUrl: string): Promise<Doubt | undefined> {
	const request = context.getRequestObject();
	// n8n reads the raw body on demand.
	await (request as { readRawBody?: () => Promise<void> }).readRawBody?.();
	const delivery = { headers: request.headers, rawBody: request.rawBody ?? Buffer.alloc(0) };
	// What is unsigned or stale is refused without a request: anybody can send it.
	let doubt = whyNotGenuine(delivery, undefined, Date.now());
	for (const maxAgeMs of [KEYS_LIVE_MS, KEYS_FRESH_MS]) {
		if (doubt !== 'misfit') break;
		doubt = whyNotGenuine(delivery, await falKeys(context, restUrl, maxAgeMs), Date.now());
	}
	return doubt;
}

async function falKeys(context: IWebhookFunctions, restUrl: string, maxAgeMs: number): Promise<unknown> {
	const known = keySets.get(restUrl);
	if (known && Date.now() - known.readAt < maxAgeMs) return await known.reading;
	const reading = context.helpers.httpRequest({
		method: 'GET',
		url: `${restUrl}/.well-known/jwks.json`,
		json: true,
	});
	keySets.set(restUrl, { reading, readAt: Date.now() });
	reading.catch(() => keySets.delete(restUrl));
	return await reading;
}

/** Whether this is the only delivery for the execution in a while; notes that it was. */
function mayWake(executionId: string): boolean {
	const now = Date.now();
	if (now - (wakes.get(executionId) ?? 0) < ONE_WAKE_PER_MS) return false;
	for (const [id, at] of wakes) if (now - at >= ONE_WAKE_PER_MS) wakes.delete(id);
	wakes.set(executionId, now);
	return true;
}
