import { createHash, createPublicKey, verify } from 'node:crypto';

import type { Clock } from '../../transport/clock';
import { asObject, asString } from '../answers';

/** Seconds by which a delivery's timestamp may be off (fal docs: webhooks). */
const MAX_SKEW_SECONDS = 300;
/** How long fal's keys are believed, in milliseconds (fal docs: at most 24 hours). */
const KEYS_LIVE_MS = 12 * 3_600_000;
/** How long keys are surely fal's newest; after that, a signature that fits none of them may come from a new one. */
const KEYS_FRESH_MS = 60_000;

/** A delivery as it came in; header names in lower case. */
export interface Delivery {
	headers: { [name: string]: string | string[] | undefined };
	rawBody: Buffer;
}

/**
 * Why a delivery is not to be believed. A `misfit` was signed by none of the keys, or altered on the way; where there
 * are `noKeys`, nobody can tell.
 */
export type Doubt = 'unsigned' | 'stale' | 'misfit' | 'noKeys';

/** fal's keys by the address that they were read from. The reading is kept, so that simultaneous ones share it. */
const keySets = new Map<string, { reading: Promise<unknown>; readAt: number }>();

/**
 * Why a delivery is not to be believed; undefined where one of fal's keys signed it and it is fresh.
 * @param restUrl where fal's keys lie, without a closing slash
 * @param fetchJson may throw; the keys are read with it where they are not known or may be no longer fal's newest
 */
export async function doubtAbout(
	delivery: Delivery,
	restUrl: string,
	fetchJson: (url: string) => Promise<unknown>,
	clock: Clock,
): Promise<Doubt | undefined> {
	// What is unsigned or stale is refused without a request: anybody can send it.
	let doubt = whyNotGenuine(delivery, undefined, clock.now());
	for (const maxAgeMs of [KEYS_LIVE_MS, KEYS_FRESH_MS]) {
		if (doubt !== 'misfit') break;
		try {
			const keySet = await keySetAt(restUrl, fetchJson, clock, maxAgeMs);
			doubt = whyNotGenuine(delivery, keySet, clock.now());
		} catch {
			return 'noKeys';
		}
	}
	return doubt;
}

/** @throws what `fetchJson` throws */
async function keySetAt(
	restUrl: string,
	fetchJson: (url: string) => Promise<unknown>,
	clock: Clock,
	maxAgeMs: number,
): Promise<unknown> {
	const known = keySets.get(restUrl);
	if (known && clock.now() - known.readAt < maxAgeMs) return await known.reading;
	const reading = fetchJson(`${restUrl}/.well-known/jwks.json`);
	keySets.set(restUrl, { reading, readAt: clock.now() });
	reading.catch(() => keySets.delete(restUrl));
	return await reading;
}

/**
 * What one look at the delivery and these keys says.
 * The signed message is request id, user id, timestamp and the hex SHA-256 of the raw body, line by line
 * (fal docs: webhooks, ED25519).
 * @param keySet fal's JSON Web Key Set as it came
 * @param now Unix time in milliseconds
 */
function whyNotGenuine({ headers, rawBody }: Delivery, keySet: unknown, now: number): Doubt | undefined {
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
