import type { IDataObject } from 'n8n-workflow';

import { startSandbox, type Sandbox } from '../../sandbox';
import { runNode, sandboxCredentials } from '../../harness/engine/engine';

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: 0.2, queueSeconds: 0.1 });
});
afterEach(() => sandbox.reset());
afterAll(async () => await sandbox.close());

async function getMany(parameters: IDataObject) {
	return await runNode({
		credentials: sandboxCredentials(sandbox),
		parameters: { resource: 'generation', operation: 'getMany', ...parameters },
	});
}

const row = (model_name: string, generation_id: string, enqueued_at = 1_750_000_000) => ({
	generation_id,
	model_name,
	prompt: 'A prompt',
	media_type: 'video',
	status: 'succeeded',
	enqueued_at,
});
const OURS = 'luma-ray-v3-2-image-to-video';

/** Replaces one of Oxen's pages, and the total number of pages. */
function givePage(nth: number | undefined, totalPages: number, generations: object[]): void {
	const body = { status: 'success', total_pages: totalPages, generations };
	sandbox.faults.add({
		service: 'oxen',
		endpoint: 'generations',
		nth,
		fault: { kind: 'status', code: 200, body },
	});
}

const pagesRead = () => sandbox.requests.filter(({ endpoint }) => endpoint === 'generations');

describe('Get Many at Oxen, where a page contains jobs of all models', () => {
	test('reads more pages until it has enough jobs of the right model', async () => {
		givePage(1, 9, [row('another-model', 'a')]);
		givePage(2, 9, []);
		givePage(3, 9, [row(OURS, 'first'), row('another-model', 'b')]);
		givePage(4, 9, [row(OURS, 'second'), row(OURS, 'third')]);
		const { items, error } = await getMany({ provider: 'oxen', limit: 2 });
		expect(error).toBeUndefined();
		expect(items.map(({ json }) => json.requestId)).toEqual(['first', 'second']);
		expect(pagesRead()).toHaveLength(4);
	});

	test('requests large pages even if the limit is small', async () => {
		await getMany({ provider: 'oxen', limit: 1 });
		const { searchParams } = new URL(pagesRead()[0].url, sandbox.oxen.baseUrl);
		expect(Number(searchParams.get('page_size'))).toBeGreaterThanOrEqual(100);
	});

	test('returns a job once if a newer job has moved it to the next page', async () => {
		givePage(1, 2, [row(OURS, 'one'), row(OURS, 'two')]);
		givePage(2, 2, [row(OURS, 'two'), row(OURS, 'three')]);
		const { items } = await getMany({ provider: 'oxen', returnAll: true });
		expect(items.map(({ json }) => json.requestId).sort()).toEqual(['one', 'three', 'two']);
	});

	test('ends even if there are always more pages', async () => {
		givePage(undefined, 1e9, [row('another-model', 'a')]);
		const { items, error } = await getMany({ provider: 'oxen', returnAll: true });
		expect(error).toBeUndefined();
		expect(items).toEqual([]);
	});
});

test('the search for a job at Oxen does not read pages from before its submit', async () => {
	sandbox.faults.add({ service: 'oxen', endpoint: 'submit', fault: { kind: 'resetAfter' } });
	givePage(1, 1e9, [row('another-model', 'a')]);
	await runNode({ credentials: sandboxCredentials(sandbox), parameters: { provider: 'oxen' } });
	expect(pagesRead().length).toBeGreaterThan(0);
	expect(new Set(pagesRead().map(({ url }) => url.split('&')[0]))).toEqual(
		new Set(['/api/ai/generations?page=1']),
	);
});

describe('the list at fal, which covers one day unless the request has a start time', () => {
	const DAY_MS = 24 * 60 * 60 * 1000;
	const listsRead = () => sandbox.requests.filter(({ endpoint }) => endpoint === 'requests');
	const startOf = ({ url }: { url: string }) =>
		Date.parse(new URL(url, sandbox.fal.apiUrl).searchParams.get('start') ?? '');

	/** Adds a job to the account with a submit time this many days ago. */
	async function addJobOf(daysAgo: number): Promise<string> {
		const response = await fetch(`${sandbox.fal.queueUrl}/luma/agent/ray/v3.2/image-to-video`, {
			method: 'POST',
			headers: { authorization: `Key ${sandbox.fal.key}`, 'content-type': 'application/json' },
			body: JSON.stringify({ prompt: 'A prompt', image_url: 'https://images.example.com/tiger.png' }),
		});
		expect(response.ok).toBe(true);
		const job = sandbox.jobs.at(-1)!;
		Object.assign(job, { acceptedAt: job.acceptedAt - daysAgo * DAY_MS });
		return job.id;
	}

	test('Get Many goes back 30 days', async () => {
		await addJobOf(31);
		const old = await addJobOf(29);
		const fresh = await addJobOf(0);
		const { items, error } = await getMany({ provider: 'fal', returnAll: true });
		expect(error).toBeUndefined();
		expect(items.map(({ json }) => json.requestId)).toEqual([fresh, old]);
	});

	test('Get Many returns no video for an unfinished edit, not even its source', async () => {
		const json_input = { prompt: 'Snow', video_url: 'https://videos.example.com/tiger.mp4' };
		const items = [{ request_id: 'running', sent_at: '2026-11-21T10:00:00Z', json_input }];
		const fault = { kind: 'status', code: 200, body: { items } } as const;
		sandbox.faults.add({ endpoint: 'requests', match: ({ url }) => url.includes('video-to-video'), fault });
		const listed = await getMany({ provider: 'fal' });
		expect(listed.items.map(({ json }) => json)).toEqual([
			expect.objectContaining({ requestId: 'running', videoUrl: null }),
		]);
	});

	test('Get Many uses the same start time for every page', async () => {
		for (let job = 0; job < 51; job++) await addJobOf(2);
		const { items } = await getMany({ provider: 'fal', returnAll: true });
		expect(items).toHaveLength(51);
		const [first, second] = listsRead().map(startOf);
		expect(first).toBeGreaterThan(0);
		expect(second).toBe(first);
	});

	test('the search for a job does not read further back than its submit', async () => {
		sandbox.faults.add({ service: 'fal', endpoint: 'submit', fault: { kind: 'resetAfter' } });
		const { error } = await runNode({
			credentials: sandboxCredentials(sandbox),
			parameters: { provider: 'fal' },
		});
		expect(error).toBeUndefined();
		const [{ acceptedAt }] = sandbox.jobs;
		expect(listsRead()).toHaveLength(1);
		expect(Math.abs(startOf(listsRead()[0]) - acceptedAt)).toBeLessThan(60_000);
	});
});

describe.each(['fal', 'oxen'] as const)('a list of 10 MB at %s', (provider) => {
	beforeEach(async () => {
		const isFal = provider === 'fal';
		const url = isFal
			? `${sandbox.fal.queueUrl}/luma/agent/ray/v3.2/image-to-video`
			: `${sandbox.oxen.baseUrl}/api/ai/queue`;
		const authorization = isFal ? `Key ${sandbox.fal.key}` : `Bearer ${sandbox.oxen.key}`;
		const image = `data:image/png;base64,${'A'.repeat(500_000)}`;
		const input = isFal
			? { prompt: 'x', image_url: image }
			: { model: OURS, input_image: 'https://images.example.com/tiger.png', prompt: image };
		for (let job = 0; job < 20; job++) {
			const response = await fetch(url, {
				method: 'POST',
				headers: { authorization, 'content-type': 'application/json' },
				body: JSON.stringify(input),
			});
			expect(response.ok).toBe(true);
		}
	});

	test('can be read by Get Many', async () => {
		const { items, error } = await getMany({ provider, returnAll: true });
		expect(error).toBeUndefined();
		expect(items).toHaveLength(20);
	});

	test('can be searched for the job of an unanswered submit', async () => {
		// Oxen's list contains too little about a job to prove anything.
		if (provider === 'oxen') return;
		sandbox.faults.add({ service: provider, endpoint: 'submit', fault: { kind: 'resetAfter' } });
		const { items, error } = await runNode({
			credentials: sandboxCredentials(sandbox),
			parameters: { provider },
		});
		expect(error).toBeUndefined();
		expect(items[0].json.requestId).toBe(sandbox.jobs.at(-1)!.id);
	});
});

describe('Get Many does not return the source of a running edit as its result', () => {
	const videoUrl = 'https://videos.example.com/tiger.mp4';
	const running = { videoUrl: null, parameters: { videoUrl } };

	test('at fal', async () => {
		const parameters = { operation: 'edit', videoUrl, imageSource: 'none', waitMode: 'submit' };
		await runNode({ credentials: sandboxCredentials(sandbox), parameters });
		const { items } = await getMany({ provider: 'fal' });
		expect(items.map(({ json }) => json)).toMatchObject([running]);
	});

	test('at Oxen, if the list contains the input', async () => {
		const edit = { ...row('luma-ray-v3-2-video-to-video', 'edit'), input_video: videoUrl };
		givePage(1, 1, [{ ...edit, status: 'in_progress' }]);
		const { items } = await getMany({ provider: 'oxen' });
		expect(items.map(({ json }) => json)).toMatchObject([running]);
	});
});
