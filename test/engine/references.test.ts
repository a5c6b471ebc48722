import type { IDataObject } from 'n8n-workflow';

import { startSandbox, type Sandbox } from '../../sandbox';
import { runNode, sandboxCredentials } from '../../harness/engine/engine';

/** Reference images from the item's binary data. */

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: 0.1, queueSeconds: 0 });
});
afterEach(() => sandbox.reset());
afterAll(async () => await sandbox.close());

const STYLE = 'https://images.example.com/style.png';
const image = (content: string | Buffer, fileName: string, mimeType = 'image/png') => ({
	data: Buffer.from(content).toString('base64'),
	mimeType,
	fileName,
});
const BINARY = {
	one: image('one', 'one.png'),
	two: image('two', 'two.png'),
	clip: image('clip', 'clip.mp4', 'video/mp4'),
};

async function run(
	options: IDataObject,
	parameters: IDataObject = {},
	binary: object = BINARY,
	on = sandbox,
) {
	const { items, error } = await runNode({
		credentials: sandboxCredentials(on),
		parameters: { options, ...parameters },
		items: [{ json: {}, binary: binary as never }],
	});
	const sent = (endpoint: string) => on.requests.filter((one) => one.endpoint === endpoint);
	const body = sent('submit')[0]?.body as IDataObject | undefined;
	const { parameters: shown } = (items[0]?.json ?? {}) as { parameters?: IDataObject };
	return { message: error?.message, next: error?.description, body, shown, sent };
}

test('uploads the files of the named fields and sends them after the URLs', async () => {
	const { message, body, shown, sent } = await run(
		{ referenceImageFields: ' one, two ,' },
		{ referenceImageUrls: [STYLE] },
	);
	expect(message).toBeUndefined();
	expect(sent('uploadInitiate')).toHaveLength(2);
	expect(body?.reference_image_urls).toEqual([
		STYLE,
		expect.stringMatching(/one\.png$/),
		expect.stringMatching(/two\.png$/),
	]);
	expect(shown?.referenceImageUrls).toEqual(body?.reference_image_urls);
});

test('sends the files inside the request for Generate From Text at Oxen', async () => {
	const generate = { operation: 'generate', provider: 'oxen', referenceImageUrls: [] };
	const { message, body, shown } = await run({ referenceImageFields: 'one' }, generate);
	expect(message).toBeUndefined();
	expect(body?.reference_image_urls).toEqual([`data:image/png;base64,${BINARY.one.data}`]);
	expect(shown?.referenceImageUrls).toEqual([null]);
});

describe('reference files that are too large together for one request', () => {
	const megabytes = (count: number) => Buffer.alloc(count * 1_000_000, 'x');
	const binary = { one: image(megabytes(5), 'one.png'), two: image(megabytes(6), 'two.png') };
	const generate = { operation: 'generate', provider: 'oxen' };
	const referenceImageFields = 'one, two';

	test('are refused before anything is paid', async () => {
		const { message, next, body } = await run({ referenceImageFields }, generate, binary);
		expect(message).toBe(
			'The files of this item have 11000000 bytes in total; Oxen.ai accepts up to 9000000 in one request [item 0]',
		);
		expect(next).toContain("Set 'Image Upload' in the options to Repository");
		expect(body).toBeUndefined();
	});

	test('are all uploaded to the repository if Image Upload is Repository', async () => {
		const options = { referenceImageFields, imageUpload: 'repository', repository: 'me/images' };
		const { message, body } = await run(options, generate, binary);
		expect(message).toBeUndefined();
		expect(body?.reference_image_urls).toEqual([
			expect.stringMatching(/^http.*one\.png$/),
			expect.stringMatching(/^http.*two\.png$/),
		]);
	});

	test('are uploaded to the repository if they do not fit and a repository is set', async () => {
		const imageUpload = '={{ "inline" }}';
		const options = { referenceImageFields, imageUpload, repository: 'me/images' };
		const { message, body } = await run(options, generate, binary);
		expect(message).toBeUndefined();
		expect(body?.reference_image_urls).toEqual([
			expect.stringMatching(/^data:/),
			expect.stringMatching(/^http.*two\.png$/),
		]);
	});

	test('are counted once if they are the same file', async () => {
		const { message } = await run({ referenceImageFields: 'one, one' }, generate, binary);
		expect(message).toBeUndefined();
	});
});

test.each([
	['three', `'Reference Image Fields' is "three", but the item has no file with that name`],
	['clip', "The binary field 'clip' of 'Reference Image Fields' contains video/mp4, not an image"],
	['={{ $json.nothing ?? 7 }}', "'Reference Image Fields' must be text"],
])('refuses %s as Reference Image Fields', async (referenceImageFields, said) => {
	const { message, sent } = await run({ referenceImageFields });
	expect(message).toBe(`${said} [item 0]`);
	expect([sent('submit'), sent('uploadInitiate')]).toEqual([[], []]);
});

test('refuses reference images if the model does not support them', async () => {
	const october = await startSandbox({ edition: '2026-10' });
	const { message, sent } = await run({ referenceImageFields: 'one' }, {}, BINARY, october);
	expect(message).toBe("'Reference Image URLs' is not available for this model [item 0]");
	expect(sent('submit')).toEqual([]);
	await october.close();
});

test.each(['={{ $json.nothing }}', '={{ null }}', '={{ [] }}'])(
	'sends the files even if Reference Image URLs is %s',
	async (referenceImageUrls) => {
		const { message, body } = await run({ referenceImageFields: 'one' }, { referenceImageUrls });
		expect(message).toBeUndefined();
		expect(body?.reference_image_urls).toEqual([expect.stringMatching(/one\.png$/)]);
	},
);
