import { createHash, createPublicKey, verify } from 'node:crypto';

import { backoffMs } from '../../transport/backoff';
import type { Clock } from '../../transport/clock';
import { asObject, asString } from '../answers';
import type { Delivery, VerificationFailure } from '../entry';

/** The maximum number of seconds between a delivery's timestamp and now (fal docs: webhooks). */
const MAX_SKEW_SECONDS = 300;
/** After this many milliseconds, fal's keys are read again, well before they expire. */
const KEYS_RENEWED_MS = 12 * 3_600_000;
/** After this many milliseconds, fal's keys are no longer trusted (fal docs: webhooks, at most 24 hours). */
const KEYS_EXPIRE_MS = 24 * 3_600_000;
/**
 * Shortest wait between two reads of the keys while good keys are known, in milliseconds. A signature that matches no
 * key may come from a new key, so it causes a read. But anyone can send such a signature.
 */
const KEYS_FRESH_MS = 60_000;

/** The state of fal's keys at one address. Times are Unix times in milliseconds. */
interface KnownKeys {
	/** The key set of the last successful read. A failed read does not replace it. */
	good?: { keySet: unknown; readAt: number };
	/** The read in flight. Simultaneous deliveries share it. */
	reading?: Promise<void>;
	/** When the last read started; `-Infinity` before the first one. */
	triedAt: number;
	/** How many reads have failed in a row. */
	failures: number;
	/** Milliseconds to wait between the last read and the next. */
	pauseMs: number;
}

/** fal's keys, by the address that they are read from. */
const keysByUrl = new Map<string, KnownKeys>();

/**
 * Checks the signature of a delivery.
 * @param restUrl the address of fal's keys, without a closing slash
 * @param fetchJson may throw. It reads the keys if they are unknown or may be out of date: at most once a minute while
 * good keys are known, otherwise with growing pauses
 * @returns why the delivery is not trusted; undefined if one of fal's keys signed it and it is recent
 */
export async function verifyDelivery(
	delivery: Delivery,
	restUrl: string,
	fetchJson: (url: string) => Promise<unknown>,
	clock: Clock,
): Promise<VerificationFailure | undefined> {
	// Refuse an unsigned or stale delivery without a request: anyone can send one.
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
	// If fal's newest keys could not be read, one of them may have made the signature.
	return known.failures === 0 ? 'misfit' : 'noKeys';
}

/**
 * Milliseconds between a time and now, as an absolute value: if the clock was set back, an old time must not look
 * recent for long.
 */
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
 * Checks a delivery against a key set. The signed message has four lines: the request ID, the user ID, the timestamp
 * and the hex SHA-256 of the raw body (fal docs: webhooks, ED25519).
 * @param keySet fal's JSON Web Key Set, not yet checked
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
		// An invalid key cannot have signed anything.
		return false;
	}
}
