import { readFileSync } from 'node:fs';

import { Container } from '@n8n/di';
import { BinaryDataService } from 'n8n-core';
import type { IBinaryData, IDataObject, INode } from 'n8n-workflow';

import type { FaultRule } from '../../sandbox';
import { useSandbox } from '../sandbox/support';
import { serve, type LocalServer } from '../support/server';
import { runNode, sandboxCredentials, type EngineOptions } from '../../harness/engine/engine';
import { runToEnd } from '../../harness/engine/parked';

/**
 * The EXR file of a video in n8n's engine. It is delivered with the video, and if its download fails, nothing is paid
 * again.
 */

const EXR: IDataObject = {
	resolution: '720p',
	options: { additionalFields: '{"hdr": true, "exr_export": true}' },
};
const DOWNLOADED: IDataObject = { ...EXR, downloadVideo: true };
const RETRY_ON_FAIL: Partial<INode> = { retryOnFail: true, maxTries: 2, waitBetweenTries: 10 };
const MAGIC = { exr: '762f3101', zip: '504b0304' };

/** Delivers the EXR export as a ZIP. */
const sandbox = useSandbox({ edition: '2026-10' });
const oneFile = useSandbox({ edition: '2026-10', exrFormat: 'exr' });

async function run(parameters: IDataObject, { target = sandbox, ...options } = {} as RunOptions) {
	return await runNode({ credentials: sandboxCredentials(target), parameters, ...options });
}
type RunOptions = Partial<EngineOptions> & { target?: typeof sandbox };

/** Submits one job with an EXR export and returns its request ID. */
async function submitted(): Promise<string> {
	const { items, error } = await run({ ...EXR, waitMode: 'submit' });
	expect(error).toBeUndefined();
	return String(items[0].json.requestId);
}

function bytesOf(binary: IBinaryData): Buffer {
	return readFileSync(Container.get(BinaryDataService).getPath(binary.id!));
}

const isExr = ({ url }: { url: string }) => /\.(exr|zip)$/.test(url);

/** How many times each file was requested. */
function fetches(): { video: number; exr: number } {
	const files = sandbox.requests.filter(({ endpoint }) => endpoint === 'video');
	const exr = files.filter(isExr).length;
	return { video: files.length - exr, exr };
}

function spoilExr(rule: Pick<FaultRule, 'nth' | 'fault'>): void {
	sandbox.faults.add({ endpoint: 'video', match: isExr, ...rule });
}

describe('a job with an EXR export', () => {
	test.each([
		['zip', 'application/zip', sandbox],
		['exr', 'image/x-exr', oneFile],
	] as const)('adds the EXR file to the item and delivers it as %s', async (format, mimeType, target) => {
		const { items, error } = await run(DOWNLOADED, { target });
		expect(error).toBeUndefined();
		const [{ json, binary }] = items;
		const { url, fileName } = json.exrFile as IDataObject;
		expect(json.exrFile).toEqual({
			url: expect.stringMatching(/^http/),
			contentType: mimeType,
			fileName: expect.stringMatching(new RegExp(`\\.${format}$`)),
			fileSize: expect.any(Number),
		});
		const keys = Object.keys(json);
		expect(keys[keys.indexOf('timing') + 1]).toBe('exrFile');

		expect(Object.keys(binary!)).toEqual(['data', 'data_exr']);
		expect(binary!.data.mimeType).toBe('video/mp4');
		expect(binary!.data_exr).toMatchObject({ mimeType, fileName });
		const bytes = bytesOf(binary!.data_exr);
		expect(bytes.toString('hex', 0, 4)).toBe(MAGIC[format]);
		expect(bytes.equals(Buffer.from(await (await fetch(String(url))).arrayBuffer()))).toBe(true);
	});

	test('derives the name of the EXR field from the name of the video’s field', async () => {
		const { items } = await run({ ...DOWNLOADED, outputBinaryField: 'clip' });
		expect(Object.keys(items[0].binary!)).toEqual(['clip', 'clip_exr']);
	});

	test('only adds the address of the EXR file if Download Video is off', async () => {
		const { items } = await run(EXR);
		expect(items[0].json).toHaveProperty('exrFile.url');
		expect(items[0]).not.toHaveProperty('binary');
		expect(fetches()).toEqual({ video: 0, exr: 0 });
	});

	test.each(['poll', 'direct'])('delivers the EXR file with Follow set to %s', async (follow) => {
		const options = { ...(EXR.options as IDataObject), follow };
		const { items } = await run({ ...DOWNLOADED, options });
		expect(Object.keys(items[0].binary!)).toEqual(['data', 'data_exr']);
	});

	test('delivers the EXR file after a suspended wait', async () => {
		const { items, error } = await runToEnd({
			credentials: sandboxCredentials(sandbox),
			parameters: { ...DOWNLOADED, waitMode: 'suspend' },
		});
		expect(error).toBeUndefined();
		expect(Object.keys(items[0].binary!)).toEqual(['data', 'data_exr']);
		expect(sandbox.jobs).toHaveLength(1);
	});

	test.each(['wait', 'get'])(
		'delivers the EXR file with Generation: %s even if a download is interrupted',
		async (operation) => {
			sandbox.faults.add({ endpoint: 'video', nth: [1, 2], fault: { kind: 'truncated' } });
			const requestId = await submitted();
			const collect = { resource: 'generation', operation: 'wait', requestId };
			// Get does not wait, so the job must have ended before.
			if (operation === 'get') await run(collect);
			const { items, error } = await run({ ...collect, operation, downloadVideo: true });
			expect(error).toBeUndefined();
			expect(items[0].json).toHaveProperty('exrFile.url');
			expect(Object.keys(items[0].binary!)).toEqual(['data', 'data_exr']);
		},
	);
});

test('adds no EXR key and no EXR file without an EXR export', async () => {
	const { items } = await run({ resolution: '720p', downloadVideo: true });
	expect(items[0].json).not.toHaveProperty('exrFile');
	expect(Object.keys(items[0].binary!)).toEqual(['data']);
});

describe('when the download of the EXR file fails', () => {
	test('downloads the EXR file again, but not the video', async () => {
		spoilExr({ nth: [1, 2], fault: { kind: 'status', code: 500 } });
		const { items, error } = await run(DOWNLOADED);
		expect(error).toBeUndefined();
		expect(Object.keys(items[0].binary!)).toEqual(['data', 'data_exr']);
		expect(fetches()).toEqual({ video: 1, exr: 3 });
	});

	test('tries to download the EXR file as often as the video, even if the video needed several tries', async () => {
		sandbox.faults.add({
			endpoint: 'video',
			match: (request) => !isExr(request),
			nth: [1, 3],
			fault: { kind: 'status', code: 500 },
		});
		spoilExr({ nth: [1, 2], fault: { kind: 'status', code: 500 } });
		const { items, error } = await run(DOWNLOADED);
		expect(error).toBeUndefined();
		expect(Object.keys(items[0].binary!)).toEqual(['data', 'data_exr']);
		expect(fetches()).toEqual({ video: 4, exr: 3 });
	});

	test('downloads the EXR file again when it was cut off', async () => {
		spoilExr({ nth: 1, fault: { kind: 'truncated' } });
		const { items } = await run(DOWNLOADED);
		const { fileSize } = items[0].json.exrFile as IDataObject;
		expect(bytesOf(items[0].binary!.data_exr)).toHaveLength(Number(fileSize));
		expect(fetches()).toEqual({ video: 1, exr: 2 });
	});

	test('fails the item and names the file and its address when the EXR file is not found', async () => {
		spoilExr({ fault: { kind: 'notFound' } });
		const { error } = await run(DOWNLOADED);
		expect(error?.message).toBe('The EXR file is ready but could not be downloaded: HTTP 404 [item 0]');
		expect(error?.description).toMatch(/It is paid for and is at http\S+\.zip\. .*at no cost/);
		expect(error?.description).toContain(sandbox.jobs[0].id);
		expect(error?.description).toMatch(/The video itself is at http\S+\.mp4\./);
		expect(fetches()).toEqual({ video: 1, exr: 1 });
	});

	test('does not deliver a web page as an EXR file', async () => {
		spoilExr({ fault: { kind: 'status', code: 200, body: '<html>Please try later</html>' } });
		const { error } = await run(DOWNLOADED);
		expect(error?.message).toBe(
			'The EXR file is ready but could not be downloaded: the file is not an EXR file [item 0]',
		);
		expect(fetches()).toEqual({ video: 1, exr: 5 });
	});

	test('downloads both files in a retry and pays nothing, even if fal.ai no longer knows the job', async () => {
		spoilExr({ nth: 1, fault: { kind: 'notFound' } });
		sandbox.faults.add({ endpoint: 'result', nth: [2, Infinity], fault: { kind: 'notFound' } });
		for (const endpoint of ['status', 'stream'] as const) {
			sandbox.faults.add({ endpoint, match: () => fetches().exr > 0, fault: { kind: 'notFound' } });
		}
		const { items, error } = await run(DOWNLOADED, { node: RETRY_ON_FAIL });
		expect(error).toBeUndefined();
		expect(Object.keys(items[0].binary!)).toEqual(['data', 'data_exr']);
		expect(items[0].json).toHaveProperty('exrFile.url');
		expect(sandbox.jobs).toHaveLength(1);
	});
});

describe('the name and type of the EXR file in fal.ai’s answer', () => {
	let host: LocalServer | undefined;
	afterEach(() => host?.close());

	/** Reads a job with this EXR file in its result. A path without a host is on a local test server. */
	async function named(path: string, file: IDataObject) {
		host = await serve((_request, response) => void response.end(Buffer.from(MAGIC.exr, 'hex')));
		const body = {
			video: { url: `${host.url}/video.mp4` },
			exr_file: { url: `${host.url}${path}`, ...file },
		};
		sandbox.faults.add({ endpoint: 'result', fault: { kind: 'wrongShape', body } });
		const requestId = await submitted();
		const collect = { resource: 'generation', operation: 'wait', requestId, downloadVideo: true };
		const { items, error } = await run(collect);
		expect(error).toBeUndefined();
		return items[0];
	}

	test.each<[string, string, IDataObject, string, string]>([
		['with only a picture address', '/a/frame.exr', {}, 'image/x-exr', 'frame.exr'],
		['with only an archive address', '/a/frames.zip', {}, 'application/zip', 'frames.zip'],
		['with a type but no extension', '/a/b', { content_type: 'image/x-exr' }, 'image/x-exr', 'b.exr'],
		['with neither type nor extension', '/', {}, 'application/zip', 'frames.zip'],
		['with a wrong type', '/a', { content_type: 'text/html', file_name: 'b.exr' }, 'image/x-exr', 'b.exr'],
		[
			'with parent folders in the name',
			'/a',
			{ file_name: '..\\..\\b<1>.zip' },
			'application/zip',
			'b_1_.zip',
		],
	])('are correct in the item %s', async (_what, path, file, mimeType, fileName) => {
		const { binary } = await named(path, file);
		expect(binary!.data_exr).toMatchObject({ mimeType, fileName });
	});

	test.each(['file:///etc/passwd', 'javascript:alert(1)', 'not an address', 7])(
		'does not download the EXR file from an invalid address such as %s',
		async (url) => {
			const { json, binary } = await named('/', { url });
			expect(json).not.toHaveProperty('exrFile');
			expect(Object.keys(binary!)).toEqual(['data']);
		},
	);
});
