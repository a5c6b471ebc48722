import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

import type { Delivery, VerificationFailure } from '../../nodes/LumaRay/providers/entry';
import { verifyDelivery } from '../../nodes/LumaRay/providers/fal/webhook';
import { systemClock, type Clock } from '../../nodes/LumaRay/transport/clock';

/** How often fal's keys are read, and how long they are kept. Each test sets the clock. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

let now = Date.UTC(2026, 0, 1);
const clock: Clock = { ...systemClock, now: () => now };

let worlds = 0;

/** fal's key set at a separate address. It counts how often it is read. */
function createKeySet() {
	const restUrl = `https://rest-${++worlds}.example.com`;
	let signer = generateKeyPairSync('ed25519');
	let answer: () => unknown = keys;
	function keys(): unknown {
		return { keys: [signer.publicKey.export({ format: 'jwk' })] };
	}
	const world = {
		reads: 0,
		breakDown: (broken: () => unknown) => (answer = broken),
		recover: () => (answer = keys),
		rotate: () => (signer = generateKeyPairSync('ed25519')),
		deliver: async (delivery: Delivery): Promise<VerificationFailure | undefined> =>
			await verifyDelivery(
				delivery,
				restUrl,
				async () => {
					world.reads++;
					return answer();
				},
				clock,
			),
		genuine: async () => await world.deliver(signedBy(signer.privateKey)),
		forged: async () => await world.deliver(signedBy(generateKeyPairSync('ed25519').privateKey)),
	};
	return world;
}

function signedBy(key: KeyObject): Delivery {
	const rawBody = Buffer.from('{}');
	const digest = createHash('sha256').update(rawBody).digest('hex');
	const about = ['job', 'user', String(Math.floor(now / 1000))];
	const signature = sign(null, Buffer.from([...about, digest].join('\n')), key).toString('hex');
	const names = ['request-id', 'user-id', 'timestamp', 'signature'];
	return {
		rawBody,
		headers: Object.fromEntries(
			[...about, signature].map((value, place) => [`x-fal-webhook-${names[place]}`, value]),
		),
	};
}

const unreachable = () => {
	throw new Error('getaddrinfo ENOTFOUND');
};

describe.each([
	['cannot be reached', unreachable],
	['answers with a page instead of keys', () => '<html>'],
	['answers without a key', () => ({ keys: [] })],
])('while fal’s key set %s', (_how, broken) => {
	test('a forged delivery does not discard the known keys', async () => {
		const world = createKeySet();
		expect(await world.genuine()).toBeUndefined();
		now += 2 * MINUTE;
		world.breakDown(broken);
		expect(await world.forged()).toBe('noKeys');
		expect(await world.genuine()).toBeUndefined();
		expect(world.reads).toBe(2);
	});

	test('forged deliveries cause at most one read per minute', async () => {
		const world = createKeySet();
		await world.genuine();
		now += 2 * MINUTE;
		world.breakDown(broken);
		for (let passed = 0; passed < 5 * MINUTE; passed += SECOND, now += SECOND) await world.forged();
		expect(world.reads).toBeLessThanOrEqual(1 + 5);
	});

	test('reads are repeated less and less often if no key is known yet', async () => {
		const world = createKeySet();
		world.breakDown(broken);
		for (let passed = 0; passed < 5 * MINUTE; passed += SECOND, now += SECOND) {
			expect(await world.genuine()).toBe('noKeys');
		}
		expect(world.reads).toBeLessThan(25);
		world.recover();
		now += 30 * SECOND;
		expect(await world.genuine()).toBeUndefined();
	});

	test('known keys are accepted for a day, but no longer', async () => {
		const world = createKeySet();
		await world.genuine();
		world.breakDown(broken);
		now += 23 * HOUR;
		expect(await world.genuine()).toBeUndefined();
		now += 2 * HOUR;
		expect(await world.genuine()).toBe('noKeys');
	});
});

test('forged deliveries cause at most one read of fal’s keys per minute', async () => {
	const world = createKeySet();
	for (let passed = 0; passed < 10 * MINUTE; passed += SECOND, now += SECOND) await world.forged();
	expect(world.reads).toBeLessThanOrEqual(10);
});

test('simultaneous forged deliveries cause a single read', async () => {
	const world = createKeySet();
	await world.genuine();
	now += 2 * MINUTE;
	world.breakDown(unreachable);
	await Promise.all(Array.from({ length: 20 }, async () => await world.forged()));
	expect(world.reads).toBe(2);
});

test('a new key is accepted a minute after the last read', async () => {
	const world = createKeySet();
	await world.genuine();
	world.rotate();
	expect(await world.genuine()).toBe('misfit');
	now += MINUTE;
	expect(await world.genuine()).toBeUndefined();
});

test('keys are read again after half a day', async () => {
	const world = createKeySet();
	await world.genuine();
	now += 13 * HOUR;
	expect(await world.genuine()).toBeUndefined();
	expect(world.reads).toBe(2);
});

test('a new key is accepted after the clock was set back', async () => {
	const world = createKeySet();
	await world.genuine();
	world.rotate();
	now -= HOUR;
	expect(await world.genuine()).toBeUndefined();
});
