import type {
	IExecuteFunctions,
	IWebhookDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';

import { FAL_ENDPOINTS } from '../providers/fal/fal';
import { whyNotGenuine } from '../providers/fal/webhook';
import { resumeUrlOf } from '../transport/suspension';
import { isPrivateAddress } from '../transport/urls';
import { endpointsOf } from './connect';
import type { RunOptions } from './options';

/** How long fal's keys are believed, in milliseconds (fal docs: at most 24 hours). */
const KEYS_LIVE_MS = 12 * 3_600_000;
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

/** fal's keys by the address they were read from. */
const keySets = new Map<string, { keys: unknown; readAt: number }>();
/** When each execution was last woken, as Unix time in milliseconds. */
const wakes = new Map<string, number>();

/**
 * Answers a delivery. A genuine one wakes the execution and nothing more: nothing in it is believed, the node asks
 * the provider. What is unsigned, altered or stale is refused; one that comes while the last one is still at work is
 * told to come again, which fal does.
 */
export async function answerCallback(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const request = context.getRequestObject();
	// n8n reads the raw body on demand.
	await (request as { readRawBody?: () => Promise<void> }).readRawBody?.();
	const rawBody = request.rawBody ?? Buffer.from(JSON.stringify(request.body ?? {}));
	const keys = await falKeys(context, await restUrlOf(context));
	const why = whyNotGenuine({ headers: request.headers, rawBody }, keys, Date.now());
	if (why !== undefined) return refuse(context, 401, why);
	const executionId = context.getExecutionId?.() ?? request.path;
	const now = Date.now();
	if (now - (wakes.get(executionId) ?? 0) < ONE_WAKE_PER_MS) {
		return refuse(context, 409, 'the execution is just being woken');
	}
	for (const [id, at] of wakes) if (now - at >= ONE_WAKE_PER_MS) wakes.delete(id);
	wakes.set(executionId, now);
	return { webhookResponse: { ok: true }, workflowData: [] };
}

function refuse(context: IWebhookFunctions, status: number, message: string): IWebhookResponseData {
	context.getResponseObject().status(status).json({ message });
	return { noWebhookResponse: true };
}

async function restUrlOf(context: IWebhookFunctions): Promise<string> {
	const credential = await context.getCredentials('lumaRayFalApi');
	return endpointsOf(credential, FAL_ENDPOINTS).restUrl;
}

async function falKeys(context: IWebhookFunctions, restUrl: string): Promise<unknown> {
	const known = keySets.get(restUrl);
	if (known && Date.now() - known.readAt < KEYS_LIVE_MS) return known.keys;
	const keys: unknown = await context.helpers.httpRequest({
		method: 'GET',
		url: `${restUrl}/.well-known/jwks.json`,
		json: true,
	});
	keySets.set(restUrl, { keys, readAt: Date.now() });
	return keys;
}
