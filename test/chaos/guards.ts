import type { Memory } from '../../nodes/LumaRay/jobs/memory';
import type { LogEvent } from '../../nodes/LumaRay/jobs/setting';
import type { Job, Order, Provider } from '../../nodes/LumaRay/providers/provider';
import type { Breach } from './audit';

/** What one call of the jobs is given from outside, where a guard can be taken out of it. */
export interface Hands {
	provider: Provider;
	memory: Memory;
	/** A line without a request id is about a job that nobody can name. */
	log: (event: LogEvent, about: Partial<Job>, index: number) => void;
}

interface Removal {
	/** What the audit must then find. */
	breach: Breach;
	/** Why that comes about. */
	why: string;
	takeOut(hands: Hands): Hands;
}

/**
 * Guards that can be taken out on purpose, since a check that cannot fail is none. The package itself knows
 * nothing of them: each lies about what the jobs are handed.
 */
export const GUARDS: { readonly [name: string]: Removal } = {
	'resubmit-on-reset': {
		breach: 'paid twice',
		why: 'a submit without an answer is sent again',
		takeOut: withProvider((provider) => ({
			async submit(order: Order, imageUrl: string) {
				const first = await provider.submit(order, imageUrl);
				return first.fate === 'open' ? await provider.submit(order, imageUrl) : first;
			},
		})),
	},
	'forget-memory': {
		breach: 'paid twice',
		why: 'a retry knows nothing of the try before',
		takeOut: withMemory(() => ({ recall: () => undefined })),
	},
	'resubmit-open-fate': {
		breach: 'paid twice',
		why: 'a retry submits what may have been accepted',
		takeOut: withMemory((memory) => ({
			recall(key) {
				const remembered = memory.recall(key);
				return remembered?.fate === 'open' ? undefined : remembered;
			},
		})),
	},
	'no-cancel-on-stop': {
		breach: 'stop does not cancel',
		why: 'the cancel is never sent',
		takeOut: withProvider(() => ({
			cancel: async () => ({ ok: true, value: { cancelled: true, status: 'running' } }),
		})),
	},
	'no-log': {
		breach: 'lost',
		why: 'the log does not name the jobs',
		takeOut: (hands) => ({ ...hands, log: () => undefined }),
	},
	'failed-read-is-final': {
		breach: 'given up',
		why: 'a failed poll counts as a failed job',
		takeOut: withProvider((provider) => ({
			async progress(job, signal) {
				const reading = await provider.progress(job, signal);
				return reading.ok ? reading : { ...reading, passing: false };
			},
		})),
	},
};

function withProvider(change: (provider: Provider) => Partial<Provider>): Removal['takeOut'] {
	return (hands) => {
		const { provider } = hands;
		return { ...hands, provider: Object.assign(Object.create(provider) as Provider, change(provider)) };
	};
}

function withMemory(change: (memory: Memory) => Partial<Memory>): Removal['takeOut'] {
	return (hands) => ({ ...hands, memory: { ...hands.memory, ...change(hands.memory) } });
}
