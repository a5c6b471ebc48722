import { createHash, randomBytes } from 'node:crypto';
import { falClient, http, INPUT, useSandbox } from './support';

const sandbox = useSandbox();
const fal = falClient(sandbox);

function initiate(body: unknown = { content_type: 'image/png', file_name: 'tiger & cub.png' }) {
	return fal.post(`${sandbox.fal.restUrl}/storage/upload/initiate?storage_type=fal-cdn-v3`, body);
}

test('a file is uploaded without the key and downloaded unchanged', async () => {
	const content = randomBytes(300_000);
	const { body } = await initiate();
	expect(body.upload_url).toContain(sandbox.fal.cdnUrl);

	const put = await http('PUT', body.upload_url, { body: content, headers: { 'content-type': 'image/png' } });
	expect(put.status).toBe(200);
	const recorded = sandbox.requests.find(({ endpoint }) => endpoint === 'uploadPut');
	expect(recorded).toMatchObject({
		host: 'cdn',
		status: 200,
		body: { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') },
	});
	expect(recorded!.headers.authorization).toBeUndefined();

	const response = await fetch(body.file_url);
	expect(response.headers.get('content-type')).toBe('image/png');
	expect(Buffer.from(await response.arrayBuffer()).equals(content)).toBe(true);
});

test('an uploaded image can be animated', async () => {
	const { body } = await initiate();
	await http('PUT', body.upload_url, { body: 'image', headers: { 'content-type': 'image/png' } });
	expect((await fal.complete({ ...INPUT, image_url: body.file_url })).status).toBe(200);
});

test('an image cannot be animated if its upload was started but never sent', async () => {
	const { body } = await initiate();
	const result = await fal.complete({ ...INPUT, image_url: body.file_url });
	expect(result).toMatchObject({ status: 422, body: { detail: [{ type: 'file_download_error' }] } });
});

test('starting an upload requires the key, a file name and a content type', async () => {
	expect((await initiate({ file_name: 'x.png' })).status).toBe(422);
	const url = `${sandbox.fal.restUrl}/storage/upload/initiate?storage_type=fal-cdn-v3`;
	expect((await http('POST', url, { json: {} })).status).toBe(401);
});
