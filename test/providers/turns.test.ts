import { createFal, FAL_ENDPOINTS } from '../../nodes/LumaRay/providers/fal/fal';
import { createOxen, OXEN_ENDPOINTS } from '../../nodes/LumaRay/providers/oxen/oxen';
import type { Provider } from '../../nodes/LumaRay/providers/provider';
import type { Http } from '../../nodes/LumaRay/transport/http';
import { newProcess, runIn, type Process } from '../support/virtualTime';

/** The order in which one execution's reads are sent if more of them wait than may be in flight, in virtual time. */

const PROVIDERS: { [name: string]: (http: Http, process: Process) => Provider } = {
	fal: (http, process) => createFal(http, FAL_ENDPOINTS, process, false),
	oxen: (http, process) => createOxen(http, OXEN_ENDPOINTS, process),
};
/** More than a process sends at once. */
const MANY = 50;

test.each(Object.entries(PROVIDERS))(
	'at %s, results of ended jobs are read first, and those of jobs that may not have ended wait for earlier polls',
	async (_name, connect) => {
		const process = newProcess();
		const asked: string[] = [];
		const http = {
			authenticated: async ({ url }) => {
				const [requestId] = /(busy|polled|guessed|ended)/.exec(url)!;
				if (requestId !== 'busy') asked.push(requestId);
				await process.sleep(100);
				const json = url.endsWith('/status')
					? { status: 'IN_PROGRESS' }
					: { status: 'running', detail: 'Request is still in progress' };
				return {
					answered: true,
					status: url.includes('fal') ? 400 : 200,
					headers: {},
					body: { json, text: '' },
				};
			},
		} as Partial<Http> as Http;
		const provider = connect(http, process);
		const { signal } = new AbortController();
		const job = (requestId: string) => provider.attach(requestId, 'generate');
		await runIn(process, async () => {
			const busy = Array.from({ length: MANY }, async () => await provider.progress(job('busy'), signal));
			await Promise.all([
				...busy,
				provider.progress(job('polled'), signal),
				provider.outcome(job('guessed'), signal, 'poll'),
				provider.outcome(job('ended'), signal),
			]);
		});
		expect(asked).toEqual(['ended', 'polled', 'guessed']);
	},
);
