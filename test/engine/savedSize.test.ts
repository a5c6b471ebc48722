import { stringify } from 'flatted';

import { runNode } from '../../harness/engine/engine';
import { items, useSuspending } from './suspending';

/**
 * n8n saves a parked execution in its database, and loads and saves it again at each wake. So its data must stay
 * small.
 */

/**
 * The data that the node saves for one job: its order, its request ID and its addresses. It was measured at 909
 * bytes.
 */
const MOST_BYTES = 1024;

const { jobs, suspended } = useSuspending();

test('a parked run saves at most 1 KB per job', { timeout: 60_000 }, async () => {
	jobs.seconds = [600];
	// Each item has different values, because equal texts are saved only once.
	const parameters = {
		prompt: '=Number {{ $json.number }}',
		imageUrl: '=https://images.example.com/{{ $json.number }}.png',
	};
	const bytesOf = async (count: number) => {
		const { run, data } = await runNode(suspended({ items: items(count), parameters }));
		expect(run.status).toBe('waiting');
		return Buffer.byteLength(stringify(data.executionData!.contextData));
	};

	// The sandbox's addresses are as long as fal's: https://queue.fal.run/luma/agent/requests/<UUID>/status.
	const perJob = ((await bytesOf(200)) - (await bytesOf(1))) / 199;
	expect(perJob).toBeLessThanOrEqual(MOST_BYTES);
});
