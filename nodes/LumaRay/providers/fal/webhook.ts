import { createHash, createPublicKey, verify } from 'node:crypto';

import { asObject, asString } from '../answers';

/** Seconds by which a delivery's timestamp may be off (fal docs: webhooks). */
const MAX_SKEW_SECONDS = 300;

/** A delivery as it came in; header names in lower case. */
export interface Delivery {
	headers: { [name: string]: string | string[] | undefined };
	rawBody: Buffer;
}

/** Why a delivery is not to be believed. A `misfit` was signed by none of the keys, or altered on the way. */
export type Doubt = 'unsigned' | 'stale' | 'misfit';

/**
 * Why a delivery is not to be believed; undefined where one of fal's keys signed it and it is fresh.
 * The signed message is request id, user id, timestamp and the hex SHA-256 of the raw body, line by line
 * (fal docs: webhooks, ED25519).
 * @param keySet fal's JSON Web Key Set as it came
 * @param now Unix time in milliseconds
 */
export function whyNotGenuine(
	{ headers, rawBody }: Delivery,
	keySet: unknown,
	now: number,
): Doubt | undefined {
	const header = (name: string) => asString(headers[`x-fal-webhook-${name}`]);
	const [requestId, userId, timestamp, signature] = ['request-id', 'user-id', 'timestamp', 'signature'].map(
		header,
	);
	if (!requestId || !userId || !timestamp || !signature) return 'unsigned';
	const seconds = Number(timestamp);
	if (!Number.isFinite(seconds) || Math.abs(now / 1000 - seconds) > MAX_SKEW_SECONDS) {
		return 'stale';
	}
	const digest = createHash('sha256').update(rawBody).digest('hex');
	const message = Buffer.from([requestId, userId, timestamp, digest].join('\n'), 'utf8');
	const keys = asObject(keySet)?.keys;
	const signed =
		Array.isArray(keys) && keys.some((key) => isSignedBy(asString(asObject(key)?.x), message, signature));
	return signed ? undefined : 'misfit';
}

function isSignedBy(x: string | undefined, message: Buffer, signature: string): boolean {
	if (x === undefined || !/^[0-9a-f]+$/i.test(signature)) return false;
	try {
		const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
		return verify(null, message, key, Buffer.from(signature, 'hex'));
	} catch {
		// A key that is none signs nothing.
		return false;
	}
}
