import type { FastifyInstance } from 'fastify';
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxJob } from '../jobs';
import { now } from '../time';
import type { FalContext } from './context';
import { resultOf } from './results';

/** fal waits 15 s for the answer to the first delivery (fal docs: webhooks). */
const DELIVERY_TIMEOUT_MS = 15_000;

/** Delivers signed webhooks, and serves the keys to verify them (fal docs: webhooks). */
export class Webhooks {
	private readonly keys = generateKeyPairSync('ed25519');
	private readonly keyId = randomUUID();
	private readonly userId = 'sandbox-user';
	private closing = new AbortController();

	constructor(private readonly context: FalContext) {
		context.clock.onEnd('fal', (job) => {
			if (job.webhookUrl && this.mayCall(job.webhookUrl)) void this.deliver(job, job.webhookUrl);
		});
	}

	serveKeys(app: FastifyInstance): void {
		app.get('/.well-known/jwks.json', { config: { endpoint: 'jwks', open: true } }, async () => ({
			keys: [{ ...this.keys.publicKey.export({ format: 'jwk' }), kid: this.keyId, use: 'sig', alg: 'EdDSA' }],
		}));
	}

	/** The headers of a genuine delivery with this body. With an old timestamp, they belong to a stale delivery. */
	sign(requestId: string, body: string, at = now()): Record<string, string> {
		const timestamp = String(Math.floor(at / 1000));
		const digest = createHash('sha256').update(body).digest('hex');
		const message = [requestId, this.userId, timestamp, digest].join('\n');
		return {
			'content-type': 'application/json',
			'x-fal-webhook-request-id': requestId,
			'x-fal-webhook-user-id': this.userId,
			'x-fal-webhook-timestamp': timestamp,
			'x-fal-webhook-signature': sign(null, Buffer.from(message), this.keys.privateKey).toString('hex'),
		};
	}

	/** The content of a delivery about this job. */
	bodyFor(job: SandboxJob): string {
		const { status, body } = resultOf(job, this.context);
		const identity = { request_id: job.id, gateway_request_id: job.id };
		return JSON.stringify(
			job.failure
				? { ...identity, status: 'ERROR', error: `Invalid status code: ${status}`, payload: body }
				: { ...identity, status: 'OK', payload: body },
		);
	}

	/** Cancels all deliveries in progress. */
	abandon(): void {
		this.closing.abort();
		this.closing = new AbortController();
	}

	/**
	 * Delivers until the receiver answers with anything other than a network failure, a 4xx or a 5xx. A redirect is
	 * final.
	 */
	private async deliver(job: SandboxJob, url: string): Promise<void> {
		const { signal } = this.closing;
		const body = this.bodyFor(job);
		for (const wait of [0, ...this.context.settings.webhookRetrySeconds]) {
			try {
				if (wait > 0) await sleep(wait * 1000, undefined, { signal });
			} catch {
				return;
			}
			const delivery: SandboxJob['deliveries'][number] = { at: now() };
			job.deliveries.push(delivery);
			delivery.status = await post(url, this.sign(job.id, body), body, signal);
			if (signal.aborted || (delivery.status !== undefined && delivery.status < 400)) return;
		}
	}

	private mayCall(url: string): boolean {
		if (!URL.canParse(url)) return false;
		return this.context.settings.allowPrivateWebhooks || !isPrivate(new URL(url).hostname);
	}
}

async function post(url: string, headers: Record<string, string>, body: string, closing: AbortSignal) {
	try {
		const response = await fetch(url, {
			method: 'POST',
			headers,
			body,
			redirect: 'manual',
			signal: AbortSignal.any([closing, AbortSignal.timeout(DELIVERY_TIMEOUT_MS)]),
		});
		await response.body?.cancel();
		return response.status;
	} catch {
		return undefined;
	}
}

function isPrivate(hostname: string): boolean {
	const host = hostname.replace(/^\[|\]$/g, '');
	if (isIP(host) === 6) return host === '::1' || /^f[cd]|^fe80/i.test(host);
	return (
		/(^|\.)localhost$|\.(local|internal)$/.test(host) ||
		/^(10|127)\.|^192\.168\.|^169\.254\.|^172\.(1[6-9]|2\d|3[01])\./.test(host)
	);
}
