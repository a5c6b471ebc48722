import { createFal, FAL_ENDPOINTS } from '../../nodes/LumaRay/providers/fal/fal';
import { createOxen, OXEN_ENDPOINTS } from '../../nodes/LumaRay/providers/oxen/oxen';
import type { Provider } from '../../nodes/LumaRay/providers/provider';
import type { Http } from '../../nodes/LumaRay/transport/http';
import { newProcess, runIn, type Process } from '../support/virtualTime';

/** Several accounts of one provider in the same process, in virtual time. */

const PROVIDERS: { [name: string]: (http: Http, process: Process, account: string) => Provider } = {
	fal: (http, process, account) => createFal(http, FAL_ENDPOINTS, process, false, account),
	oxen: (http, process, account) => createOxen(http, OXEN_ENDPOINTS, process, account),
};

/** A provider that answers every status check with this HTTP status. */
const answering = (status: number) =>
	({
		authenticated: async () => ({
			answered: true,
			status,
			headers: { 'retry-after': '100' },
			body: { json: { status: 'IN_PROGRESS' }, text: '' },
		}),
	}) as Partial<Http> as Http;

test.each(Object.entries(PROVIDERS))(
	'a pause for one account at %s does not delay other accounts',
	async (_name, connect) => {
		const process = newProcess();
		const { signal } = new AbortController();
		await runIn(process, async () => {
			const refused = connect(answering(429), process, 'one');
			const other = connect(answering(200), process, 'other');
			const job = other.attach('job');
			await refused.progress(job, signal);
			await refused.inTurn(signal, async () => await refused.submit(ORDER));
			const askedAt = process.now();
			await other.progress(job, signal);
			await other.inTurn(signal, async () => undefined);
			expect(process.now() - askedAt).toBeLessThan(1_000);
			await refused.inTurn(signal, async () => undefined);
			expect(process.now() - askedAt).toBe(100_000);
		});
	},
);

const ORDER: Parameters<Provider['submit']>[0] = {
	order: { model: 'generate', input: {}, options: {}, estimate: { usd: 1, source: 'table' } },
	addresses: {},
};
