import type { Memory } from '../nodes/LumaRay/jobs/memory';
import type {
	Job,
	Order,
	Outcome,
	Provider,
	Reading,
	ReadyOrder,
	Submission,
} from '../nodes/LumaRay/providers/provider';
import type { LogEvent } from '../nodes/LumaRay/jobs/context';
import type { Breach } from './breaches';
import { memoryByRunIndex, type Call, type NodeContext, type OnePass } from './host';

/** What one call of jobs/ receives from outside. Guards can be removed here. */
export interface Hands {
	provider: Provider;
	memory: Memory;
	/** A line without a request ID is about a job with an unknown ID. */
	log: (event: LogEvent, about: Partial<Job>, index: number) => void;
	orders: Order[];
	signal: AbortSignal;
	onePass: OnePass;
	/** The arguments with which the memory was opened. */
	context: NodeContext;
	call: Call;
}

interface Removal {
	/** The breach that the audit must then find. */
	breach: Breach;
	/** What goes wrong without the guard. */
	why: string;
	takeOut(hands: Hands): Hands;
}

/**
 * Guards that can be removed on purpose, because a check that cannot fail proves nothing. The package does not know
 * about these removals: each one changes what jobs/ receives from outside.
 */
export const GUARDS: { readonly [name: string]: Removal } = {
	'resubmit-on-reset': {
		breach: 'paid twice',
		why: 'a submit without an answer is sent again',
		takeOut: withProvider((provider) => ({
			async submit(ready: ReadyOrder) {
				const first = await provider.submit(ready);
				return first.result === 'open' ? await provider.submit(ready) : first;
			},
		})),
	},
	'forget-memory': {
		breach: 'paid twice',
		why: 'a retry does not know about the try before it',
		takeOut: withMemory(() => ({ recall: () => undefined })),
	},
	'resubmit-unknown-outcome': {
		breach: 'paid twice',
		why: 'a retry submits what may have been accepted',
		takeOut: withMemory((memory) => ({
			recall(key) {
				const remembered = memory.recall(key);
				return remembered?.result === 'open' ? undefined : remembered;
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
		breach: 'false failure',
		why: 'a failed poll counts as a failed job',
		takeOut: withProvider((provider) => ({
			async progress(job, signal) {
				const reading = await provider.progress(job, signal);
				return reading.ok ? reading : { ...reading, transient: false };
			},
		})),
	},
	'trust-foreign-503': {
		breach: 'paid twice',
		why: "a gateway's 503 in JSON counts as the provider's refusal",
		takeOut: withProvider(resubmitAfter('503 foreign JSON')),
	},
	'ignore-named-job': {
		breach: 'paid twice',
		why: 'a 503 counts as a refusal, although it names the job',
		takeOut: withProvider(resubmitAfter('503 names job')),
	},
	'bad-result-is-final': {
		breach: 'false failure',
		why: 'an error instead of a result counts as a failed job',
		takeOut: withProvider((provider) => ({
			async outcome(job, signal) {
				const reading = await provider.outcome(job, signal);
				return reading.ok ? reading : failed(reading);
			},
		})),
	},
	'no-video-is-a-failure': {
		breach: 'paid twice',
		why: 'a result without a video counts as a failed job, and the item is paid again',
		takeOut: withProvider((provider) => ({
			async outcome(job, signal) {
				const reading = await provider.outcome(job, signal);
				if (!reading.ok || !reading.value.problem) return reading;
				return { ok: true, value: { ...reading.value, status: 'failed' } };
			},
		})),
	},
	'price-is-ordered': {
		breach: 'paid twice',
		why: 'the current price counts as a part of the order',
		takeOut: (hands) => ({
			...hands,
			orders: hands.orders.map((order) => ({
				...order,
				options: { ...order.options, additionalFields: { estimate: order.estimate ?? null } },
			})),
		}),
	},
	'ignore-stop': {
		breach: 'continues after Stop',
		why: 'a node that n8n calls again after a Stop does not notice it',
		takeOut: (hands) => (hands.signal.aborted ? { ...hands, signal: new AbortController().signal } : hands),
	},
	'wake-twice': {
		breach: 'delivered twice',
		why: 'an execution that is woken twice runs twice',
		takeOut: (hands) => ({ ...hands, onePass: async (pass) => await pass() }),
	},
	'order-missing-generations': {
		breach: 'paid twice',
		why: 'generations that the answer does not name are submitted again',
		takeOut: withProvider((provider) => ({
			async submit(ready) {
				const { order } = ready;
				const first = await provider.submit(ready);
				const asked = order.options.generations ?? 1;
				if (first.result !== 'accepted' || first.jobs.length >= asked) return first;
				const options = { ...order.options, generations: asked - first.jobs.length };
				const again = await provider.submit({ ...ready, order: { ...order, options } });
				if (again.result !== 'accepted') return first;
				return { ...first, jobs: [...first.jobs, ...again.jobs] };
			},
		})),
	},
	'run-index-alone': {
		breach: 'paid twice',
		why: "a run is identified by n8n's run index only",
		takeOut: (hands) => ({ ...hands, memory: memoryByRunIndex(hands.context, hands.call) }),
	},
};

/** Treats an answer that proves nothing as a refusal that may be retried. */
function resubmitAfter(kind: string): (provider: Provider) => Partial<Provider> {
	return (provider) => ({
		async submit(ready): Promise<Submission> {
			const submission = await provider.submit(ready);
			if (submission.result !== 'open' || !JSON.stringify(submission.problem).includes(kind))
				return submission;
			return { result: 'refused', again: true, problem: submission.problem };
		},
	});
}

function failed({ problem }: Reading<Outcome> & { ok: false }): Reading<Outcome> {
	return { ok: true, value: { status: 'failed', problem, actualUsd: null, raw: {} } };
}

function withProvider(change: (provider: Provider) => Partial<Provider>): Removal['takeOut'] {
	return (hands) => {
		const { provider } = hands;
		return { ...hands, provider: Object.assign(Object.create(provider) as Provider, change(provider)) };
	};
}

function withMemory(change: (memory: Memory) => Partial<Memory>): Removal['takeOut'] {
	return (hands) => ({ ...hands, memory: { ...hands.memory, ...change(hands.memory) } });
}
