import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { startSandbox, type Sandbox } from '../../sandbox';
import { runNode, sandboxCredentials } from '../../harness/engine/engine';

/** Invalid values that users are likely to enter in the newer operations, and the node's messages about them. */

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ edition: '2026-10', jobSeconds: 0.1, queueSeconds: 0 });
});
afterEach(() => sandbox.reset());
afterAll(async () => await sandbox.close());

const EDIT: IDataObject = {
	operation: 'edit',
	videoSource: 'url',
	videoUrl: 'https://videos.example.com/tiger.mp4',
	imageSource: 'none',
	imageUrl: '',
	editStrength: 'auto',
};
const VIDEO = { data: 'YWJj', mimeType: 'video/mp4', fileName: 'tiger.mp4' };

async function run(parameters: IDataObject, items?: INodeExecutionData[]) {
	const { items: made, error } = await runNode({
		credentials: sandboxCredentials(sandbox),
		parameters,
		items,
	});
	const submits = sandbox.requests.filter(({ endpoint }) => endpoint === 'submit');
	return { items: made, message: error?.message, next: error?.description, submits };
}

describe('an unknown file source', () => {
	test.each([
		['imageSource', 'Image Source', 'none, url, binary', '={{ "Binary" }}'],
		['imageSource', 'Image Source', 'none, url, binary', '={{ $json.nothing }}'],
		['videoSource', 'Video Source', 'url, binary', '={{ ({}) }}'],
	])('is refused in %s before anything is ordered', async (name, label, choices, value) => {
		const { message, submits } = await run({ ...EDIT, [name]: value }, [
			{ json: {}, binary: { data: VIDEO } },
		]);
		expect(message).toBe(`'${label}' must be one of: ${choices} [item 0]`);
		expect(submits).toEqual([]);
	});
});

describe('an invalid name of a binary field', () => {
	test.each([
		['={{ $json.nothing }}', 'is empty'],
		['={{ "" }}', 'is empty'],
		['={{ $binary.data }}', 'is an object'],
	])('such as %s is refused, and the message lists the item’s files', async (videoBinaryField, said) => {
		const { message, next } = await run({ ...EDIT, videoSource: 'binary', videoBinaryField }, [
			{ json: {}, binary: { data: VIDEO } },
		]);
		expect(message).toBe(`'Video Data Field Name' ${said}, but the item has no file with that name [item 0]`);
		expect(next).toContain(
			"The item has files in these fields: data. In 'Video Data Field Name', enter the name of the one",
		);
	});
});

describe('a value that needs another value', () => {
	test.each([
		[
			{ resolution: '={{ "540p" }}', options: { hdr: true } },
			'\'HDR\' needs \'Resolution\' "720p" or "1080p"',
			'Set \'Resolution\' to "720p" or "1080p", or turn off \'HDR\'.',
		],
		[
			{ resolution: '720p', options: { hdr: '={{ false }}', exrExport: true } },
			"'EXR Export' needs 'HDR'",
			"Turn on 'HDR', or turn off 'EXR Export'.",
		],
		[
			{ editStrength: 'controls', controls: {} },
			"'Edit Strength' \"controls\" needs 'Controls'",
			"Fill in 'Controls', or change 'Edit Strength'.",
		],
		[
			{ editStrength: '={{ "auto" }}', controls: { depth: true } },
			"'Controls' needs 'Edit Strength' \"controls\"",
			"Set 'Edit Strength' to \"controls\", or change 'Controls'.",
		],
	])('is refused in %j, and the message names both fields', async (parameters, said, remedy) => {
		const { message, next } = await run({ ...EDIT, ...parameters });
		expect([message, next]).toEqual([`${said} [item 0]`, remedy]);
	});

	test('is not sent if that other value is hidden', async () => {
		const hidden = { resolution: '540p', options: { hdr: true, exrExport: true } };
		const { message, submits } = await run({ ...EDIT, ...hidden });
		expect(message).toBeUndefined();
		expect(submits[0].body).not.toHaveProperty('hdr');
		expect(submits[0].body).not.toHaveProperty('exr_export');
	});
});

test.each(['generate', 'edit', 'reframe'])(
	'asks for a prompt in %s without mentioning an image',
	async (operation) => {
		const duration = operation === 'reframe' ? 'source' : '5s';
		const { next } = await run({ ...EDIT, operation, duration, prompt: '={{ "" }}' });
		expect(next).toContain('Describe in words');
		expect(next).not.toContain('image');
	},
);

test('Estimate Cost reads only the fields of the selected model, even if an expression selects it', async () => {
	const { message, items } = await run({
		resource: 'model',
		operation: 'estimateCost',
		provider: 'oxen',
		modelOperation: '={{ "reframe" }}',
	});
	expect(message).toBeUndefined();
	expect(items[0].json).toMatchObject({ model: 'luma-ray-v3-2-reframe', resolution: '540p' });
	expect(items[0].json).not.toHaveProperty('duration');
});

test.each([
	['provider', 'Provider', 'fal, oxen'],
	['resource', 'Resource', 'video, generation, model'],
	['operation', 'Operation', 'animate, generate, edit, reframe'],
])('refuses a workflow with an unknown %s', async (name, label, choices) => {
	const { message } = await run({ [name]: 'another' });
	expect(message).toBe(`'${label}' must be one of: ${choices} [item 0]`);
});
