import type { Http, HttpRequest } from '../../nodes/LumaRay/transport/http';
import { createFal, FAL_ENDPOINTS } from '../../nodes/LumaRay/providers/fal/fal';
import type { Order } from '../../nodes/LumaRay/providers/provider';
import { systemClock } from '../../nodes/LumaRay/transport/clock';
import { downloadVideo } from '../../nodes/LumaRay/transport/video';
import { asVideoUrl, isPrivateAddress } from '../../nodes/LumaRay/transport/urls';

/** Which addresses in an answer the node uses if the provider itself has a public address. */
const CASES: { [what: string]: { taken: boolean; addresses: string[] } } = {
	'public names': {
		taken: true,
		addresses: [
			'https://v3.fal.media/files/b/video.mp4',
			'http://hub.oxen.ai:8080/video.mp4?signature=a%2Fb',
			'https://V3.FAL.MEDIA./video.mp4',
			'https://internal.example.com/',
			'https://mylocal.host.org/',
			'https://xn--mnchen-3ya.de/',
		],
	},
	'public IPv4': {
		taken: true,
		addresses: [
			'8.8.8.8',
			'1.1.1.1',
			'100.63.255.255',
			'100.128.0.1',
			'172.15.0.1',
			'172.32.0.1',
			'192.0.1.1',
		]
			.concat(['192.167.1.1', '198.17.0.1', '198.20.0.1', '223.255.255.255', '169.253.0.1', '11.0.0.1'])
			.map((host) => `http://${host}/`),
	},
	'public IPv6': {
		taken: true,
		addresses: ['2606:4700::1111', '2a00:1450:4001:81b::200e', '2001:4860:4860::8888', '2001:200::1']
			.concat(['3ffe::1', '2001:db7::1'])
			.map((host) => `http://[${host}]/`),
	},
	'names of this machine and of private networks': {
		taken: false,
		addresses: [
			...['localhost', 'localhost.', 'LOCALHOST', 'a.localhost', 'localhost.localdomain', 'n8n', 'redis.'],
			...['metadata.google.internal', 'metadata.google.internal.', 'host.docker.internal', 'nas.local'],
			...['printer.lan', 'router.home.arpa', 'files.home', 'git.corp', 'wiki.intranet', 'db.private'],
		].map((host) => `http://${host}/`),
	},
	'IPv4 that is not public': {
		taken: false,
		addresses: [
			...['0.0.0.0', '0.1.2.3', '10.0.0.1', '10.255.255.255', '100.64.0.1', '100.127.255.255'],
			...['127.0.0.1', '127.255.255.254', '169.254.169.254', '172.16.0.1', '172.31.255.255'],
			...[
				'192.0.0.1',
				'192.0.0.170',
				'192.0.2.1',
				'192.88.99.1',
				'192.168.1.1',
				'198.18.0.1',
				'198.19.255.255',
			],
			...['198.51.100.7', '203.0.113.9', '224.0.0.1', '239.255.255.250', '240.0.0.1', '255.255.255.255'],
			...['127.0.0.1.', '169.254.169.254.'],
		].map((host) => `http://${host}/`),
	},
	'IPv4 in another notation': {
		taken: false,
		addresses: [
			...['2130706433', '0x7f000001', '017700000001', '0177.0.0.1', '0x7f.1', '127.1', '10.1', '0'],
			...['2852039166', '0xa9fea9fe', '0251.0376.0251.0376', '１２７.0.0.1', '127。0。0。1'],
		].map((host) => `http://${host}/`),
	},
	'IPv6 that is not public': {
		taken: false,
		addresses: [
			...['::', '::1', '0:0:0:0:0:0:0:1', 'fe80::1', 'febf::1', 'fec0::1', 'fc00::1', 'fd12:3456::1'],
			...['ff02::1', 'ff0e::1', '100::1', '5f00::1', '4000::1', '64:ff9b:1::1'],
			...['2001:db8::1', '2001::1', '2001:10::1', '2001:20::1', '3fff::1', '3fff:fff::1'],
		].map((host) => `http://[${host}]/`),
	},
	'IPv6 that holds an IPv4': {
		taken: false,
		addresses: [
			...['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '::127.0.0.1', '::a9fe:a9fe'],
			...['64:ff9b::127.0.0.1', '64:ff9b::a9fe:a9fe', '2002:7f00:1::1', '2002:a9fe:a9fe::'],
			...['::ffff:0:127.0.0.1', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
		].map((host) => `http://[${host}]/`),
	},
	'what is not an http(s) address': {
		taken: false,
		addresses: [
			'file:///etc/passwd',
			'ftp://videos.example.com/a.mp4',
			'data:video/mp4;base64,AAAA',
			'',
			'video.mp4',
		].concat([
			'javascript:alert(1)',
			'//v3.fal.media/video.mp4',
			'http://',
			'http://[::1',
			'http://1.2.3.4.5/',
		]),
	},
};

const PUBLIC = 'https://queue.fal.run';
const PRIVATE = 'http://127.0.0.1:8080';
const all = Object.entries(CASES).flatMap(([what, { taken, addresses }]) =>
	addresses.map((address) => [what, address, taken] as const),
);

test.each(all)('checks a video address, %s: %s (accepted: %s)', (_what, address, taken) => {
	expect(asVideoUrl(address, PUBLIC)).toBe(taken ? address : undefined);
});

test.each(['http://localhost./', 'http://10.0.0.1/', 'http://[::ffff:127.0.0.1]/', 'http://sandbox.local/'])(
	'accepts %s as a video address if the provider itself is private',
	(address) => {
		expect(isPrivateAddress(address)).toBe(true);
		expect(asVideoUrl(address, PRIVATE)).toBe(address);
		expect(asVideoUrl(address, 'http://gateway.lan')).toBe(address);
	},
);

test.each([undefined, null, 7, {}, ['https://v3.fal.media/a.mp4']])(
	'does not accept %p as an address',
	(value) => {
		expect(asVideoUrl(value, PRIVATE)).toBeUndefined();
	},
);

describe('other addresses in answers', () => {
	const signal = new AbortController().signal;

	async function upload(
		places: { upload_url: string; file_url: string },
		endpoints = FAL_ENDPOINTS,
		announced?: number,
	) {
		const puts: HttpRequest[] = [];
		const http = {
			authenticated: async () => ({
				answered: true,
				status: 200,
				headers: {},
				body: { json: places, text: '' },
			}),
			plain: async (request: HttpRequest) => {
				puts.push(request);
				return { answered: true, status: 200, headers: {}, body: { text: '' } };
			},
		} as unknown as Http;
		const bytes = Buffer.from('an image');
		const imageUrl = {
			field: 'data',
			fileName: 'tiger.png',
			mimeType: 'image/png',
			bytes: announced ?? bytes.length,
			identity: 'x',
			open: async () => bytes,
			read: async () => bytes,
		};
		const provider = createFal(http, endpoints, systemClock, false);
		const order = { model: 'animate', input: { imageUrl } } as Order;
		const ready = await provider.prepare(order, signal);
		return { placed: ready.ok ? ready.value.addresses.x : ready, puts };
	}
	const good = { upload_url: 'https://v3.fal.media/put', file_url: 'https://v3.fal.media/get.png' };

	test("accepts fal's public upload addresses", async () => {
		const { placed, puts } = await upload(good);
		expect(placed).toBe(good.file_url);
		expect(puts.map(({ url }) => url)).toEqual([good.upload_url]);
	});

	test.each(['upload_url', 'file_url'])('uploads no image if %s is private', async (name) => {
		const { placed, puts } = await upload({ ...good, [name]: 'http://169.254.169.254/latest/meta-data' });
		expect(placed).toMatchObject({
			ok: false,
			transient: false,
			problem: { name: 'storageNotPublic' },
		});
		expect(puts).toEqual([]);
	});

	test.each(['upload_url', 'file_url'])('uploads no large image in parts if %s is private', async (name) => {
		const places = { ...good, [name]: 'http://169.254.169.254/latest/meta-data' };
		const { placed, puts } = await upload(places, FAL_ENDPOINTS, 100 * 1024 * 1024);
		expect(placed).toMatchObject({ ok: false, problem: { name: 'storageNotPublic' } });
		expect(puts).toEqual([]);
	});

	test("accepts the sandbox's own upload addresses", async () => {
		const places = { upload_url: `${PRIVATE}/put`, file_url: `${PRIVATE}/get` };
		const { placed } = await upload(places, { ...FAL_ENDPOINTS, restUrl: PRIVATE });
		expect(placed).toBe(places.file_url);
	});

	test('does not follow a redirect to a private address', async () => {
		const asked: string[] = [];
		const http = {
			trusts: () => false,
			plainStream: async ({ url }: HttpRequest) => {
				asked.push(url);
				const headers = { location: 'http://localhost.localdomain/admin' };
				return { answered: true, status: 302, headers, body: { destroy: () => undefined } };
			},
		} as unknown as Http;
		const video = { url: 'https://v3.fal.media/a.mp4' };
		const download = await downloadVideo({} as never, http, video, PUBLIC, signal);
		expect(download).toMatchObject({ ok: false, transient: false, trouble: { why: 'notPublic' } });
		expect(asked).toEqual([video.url]);
	});
});
