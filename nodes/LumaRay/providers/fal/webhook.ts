import { createHash, createPublicKey, verify } from 'node:crypto';

import { backoffMs } from '../../transport/backoff';
import type { Clock } from '../../transport/clock';
import { asObject, asString } from '../answers';

/** Seconds by which a delivery's timestamp may be off (fal docs: webhooks). */
const MAX_SKEW_SECONDS = 300;
/** Age in milliseconds at which fal's keys are read again, well before they are no longer believed. */
const KEYS_RENEWED_MS = 12 * 3_600_000;
/** Age in milliseconds from which fal's keys are no longer believed (fal docs: webhooks, at most 24 hours). */
const KEYS_EXPIRE_MS = 24 * 3_600_000;
/**
 * Milliseconds from one reading of the keys to the next that a signature may cause which fits none of them: anybody can
 * send one, and it may also come from a new key.
 */
const KEYS_FRESH_MS = 60_000;

/** A delivery as it came in; header names in lower case. */
export interface Delivery {
	headers: { [name: string]: string | string[] | undefined };
	rawBody: Buffer;
}

/**
 * Why a delivery is not to be believed. A `misfit` was signed by none of the keys, or altered on the way; where there
 * are `noKeys`, fal's newest keys could not be read.
 */
export type VerificationFailure = 'unsigned' | 'stale' | 'misfit' | 'noKeys';

/** What is known of fal's keys at one address. Times are Unix times in milliseconds. */
interface KnownKeys {
	/** The key set of the last reading that went well; a failed one does not replace it. */
	good?: { keySet: unknown; readAt: number };
	/** The reading under way, which simultaneous deliveries share. */
	reading?: Promise<void>;
	/** When the last reading began; before that, never. */
	triedAt: number;
	/** Readings that have failed in a row. */
	failures: number;
	/** Milliseconds from the last reading to the next. */
	pauseMs: number;
}

/** fal's keys by the address that they are read from. */
const keysByUrl = new Map<string, KnownKeys>();

/**
 * Why a delivery is not to be believed; undefined where one of fal's keys signed it and it is fresh.
 * @param restUrl where fal's keys lie, without a closing slash
 * @param fetchJson may throw; the keys are read with it where they are not known or may be no longer fal's newest, once
 * a minute at most as long as good ones are known, and with growing pauses while none are
 */
export async function verifyDelivery(
	delivery: Delivery,
	restUrl: string,
	fetchJson: (url: string) => Promise<unknown>,
	clock: Clock,
): Promise<VerificationFailure | undefined> {
	// What is unsigned or stale is refused without a request: anybody can send it.
	const doubt = whyNotGenuine(delivery, undefined, clock.now());
	if (doubt !== 'misfit') return doubt;
	const known = keysByUrl.get(restUrl) ?? { triedAt: -Infinity, failures: 0, pauseMs: 0 };
	keysByUrl.set(restUrl, known);
	const fits = (maxAgeMs: number) =>
		known.good !== undefined &&
		ageMs(known.good.readAt, clock) < maxAgeMs &&
		whyNotGenuine(delivery, known.good.keySet, clock.now()) === undefined;
	if (fits(KEYS_RENEWED_MS)) return undefined;
	if (!known.reading && ageMs(known.triedAt, clock) >= known.pauseMs) {
		const read = async () => await fetchJson(`${restUrl}/.well-known/jwks.json`);
		known.reading = renew(known, read, clock).finally(() => delete known.reading);
	}
	await known.reading;
	if (fits(KEYS_EXPIRE_MS)) return undefined;
	// Where fal's newest keys could not be read, the signature may be from one of them.
	return known.failures === 0 ? 'misfit' : 'noKeys';
}

/** Milliseconds between a time and now. A clock that was set back must not make it look recent for long. */
function ageMs(at: number, clock: Clock): number {
	return Math.abs(clock.now() - at);
}

/** Reads the keys. Never rejects. */
async function renew(known: KnownKeys, read: () => Promise<unknown>, clock: Clock): Promise<void> {
	known.triedAt = clock.now();
	const keySet = await read().catch(() => undefined);
	if (keysIn(keySet).length > 0) {
		known.good = { keySet, readAt: clock.now() };
		known.failures = 0;
		known.pauseMs = KEYS_FRESH_MS;
		return;
	}
	known.failures++;
	const isHeld = known.good !== undefined && ageMs(known.good.readAt, clock) < KEYS_EXPIRE_MS;
	known.pauseMs = isHeld ? KEYS_FRESH_MS : backoffMs(known.failures, clock);
}

function keysIn(keySet: unknown): unknown[] {
	const keys = asObject(keySet)?.keys;
	return Array.isArray(keys) ? keys : [];
}

/**
 * What one look at the delivery and these keys says.
 * The signed message is request id, user id, timestamp and the hex SHA-256 of the raw body, line by line
 * (fal docs: webhooks, ED25519).
 * @param keySet fal's JSON Web Key Set as it came
 * @param now Unix time in milliseconds
 */
function whyNotGenuine(
	{ headers, rawBody }: Delivery,
	keySet: unknown,
	now: number,
): VerificationFailure | undefined {
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
	const signed = keysIn(keySet).some((key) => isSignedBy(asString(asObject(key)?.x), message, signature));
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
