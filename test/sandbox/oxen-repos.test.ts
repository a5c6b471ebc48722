import { randomBytes } from 'node:crypto';
import { http, oxenClient, OXEN_INPUT, useSandbox } from './support';

const sandbox = useSandbox();
const oxen = oxenClient(sandbox);
const create = (more = {}) => oxen.post('/api/repos', { json: { namespace: 'me', name: 'images', ...more } });

function form(field: string, content: Uint8Array = Buffer.from('image'), fileName = 'tiger.png') {
	const body = new FormData();
	body.append(field, new Blob([content as BlobPart], { type: 'image/png' }), fileName);
	body.append('name', 'Me');
	body.append('email', 'me@example.com');
	body.append('message', 'Add an image');
	return { body };
}

test('a repository can be created only once', async () => {
	expect(await create()).toMatchObject({
		status: 200,
		body: { repository: { namespace: 'me', name: 'images' } },
	});
	expect((await create()).status).toBe(409);
	expect((await oxen.post('/api/repos', { json: {} })).status).toBe(400);
});

test('files[] are stored in the directory of the path', async () => {
	await create();
	const content = randomBytes(200_000);
	const put = await oxen.put('/api/repos/me/images/file/main/n8n/in', form('files[]', content));
	expect(put).toMatchObject({
		status: 200,
		body: { status: 'success', commit: { id: expect.any(String), message: 'Add an image', author: 'Me' } },
	});
	expect(sandbox.requests.at(-1)).toMatchObject({
		endpoint: 'uploadPut',
		body: { message: 'Add an image', files: [{ path: 'main/n8n/in/tiger.png', bytes: content.length }] },
	});
	const response = await fetch(`${sandbox.oxen.baseUrl}/api/repos/me/images/file/main/n8n/in/tiger.png`);
	expect(response.headers.get('content-type')).toBe('image/png');
	expect(Buffer.from(await response.arrayBuffer()).equals(content)).toBe(true);
});

test('file is stored at the path itself', async () => {
	await create();
	await oxen.put('/api/repos/me/images/file/main/cub.png', form('file'));
	expect((await oxen.get('/api/repos/me/images/file/main/cub.png')).body).toBe('image');
});

test('an image in a repository can be animated', async () => {
	await create();
	await oxen.put('/api/repos/me/images/file/main', form('files[]'));
	const image = `${sandbox.oxen.baseUrl}/api/repos/me/images/file/main/tiger.png`;
	expect(await oxen.complete({ ...OXEN_INPUT, input_image: image })).toMatchObject([{ status: 'succeeded' }]);
});

test('a private repository can be read only with the key', async () => {
	await create({ is_public: false });
	await oxen.put('/api/repos/me/images/file/main', form('files[]'));
	const path = '/api/repos/me/images/file/main/tiger.png';
	expect((await oxen.get(path)).status).toBe(200);
	expect((await http('GET', `${sandbox.oxen.baseUrl}${path}`)).status).toBe(404);
});

test('nothing is stored without a repository, a file or a form', async () => {
	expect((await oxen.put('/api/repos/me/images/file/main', form('files[]'))).status).toBe(404);
	await create();
	expect((await oxen.put('/api/repos/me/images/file/main', { json: {} })).status).toBe(400);
	const empty = new FormData();
	empty.append('message', 'nothing');
	expect((await oxen.put('/api/repos/me/images/file/main', { body: empty })).status).toBe(400);
	expect((await oxen.get('/api/repos/me/images/file/main/tiger.png')).status).toBe(404);
});
