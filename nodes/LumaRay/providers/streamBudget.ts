import type { Clock } from '../transport/clock';

/**
 * The maximum number of event streams of the process: with the 16 reads of an account and a few downloads, below 64
 * connections.
 */
const MOST_STREAMS = 40;
/** The budget never falls below this, even if a provider refuses streams again and again. */
const LEAST_STREAMS = 2;
/** The share of the streams to keep after a refusal. */
const DECREASE = 0.7;

/** One execution that wants event streams. */
export interface Claimant {
	/** How many streams it holds. */
	held(): number;
	/** When the first of its jobs without a stream should end (Unix time in ms); undefined if every job has a stream. */
	soonest(): number | undefined;
	/** Opens a stream for that job. */
	open(): void;
	/** Closes the stream of the job that should end last, and queues the job again. */
	giveBack(): void;
}

/** Shares the event streams of the process between its executions. */
export interface StreamBudget {
	join(claimant: Claimant): void;
	leave(claimant: Claimant): void;
	/** Assigns the free streams. Call it whenever a claimant needs a stream or has closed one. */
	share(): void;
	/** A provider refused a stream. */
	refused(): void;
	/** A stream reported everything that was needed from it. */
	served(): void;
}

const budgets = new WeakMap<Clock, StreamBudget>();

/** The stream budget of this process. Each process has one clock, so the clock identifies the process. */
export function streamBudgetOf(clock: Clock): StreamBudget {
	const known = budgets.get(clock) ?? createStreamBudget();
	budgets.set(clock, known);
	return known;
}

/**
 * Allows up to `MOST_STREAMS` streams, and fewer for a while after a provider refused one. Executions share them
 * evenly: an execution with many streams gives some back when another one needs them.
 */
function createStreamBudget(): StreamBudget {
	const claimants = new Set<Claimant>();
	let most = MOST_STREAMS;

	function share(): void {
		for (;;) {
			const [poorest] = [...claimants]
				.filter((one) => one.soonest() !== undefined)
				.sort((one, other) => one.held() - other.held() || one.soonest()! - other.soonest()!);
			if (!poorest) return;
			let open = 0;
			let richest = poorest;
			for (const one of claimants) {
				open += one.held();
				if (one.held() > richest.held()) richest = one;
			}
			if (open >= Math.floor(most)) {
				if (richest.held() < poorest.held() + 2) return;
				richest.giveBack();
			}
			poorest.open();
		}
	}

	return {
		join: (claimant) => void claimants.add(claimant),
		leave(claimant) {
			claimants.delete(claimant);
			share();
		},
		share,
		refused() {
			const open = [...claimants].reduce((sum, one) => sum + one.held(), 0);
			most = Math.max(LEAST_STREAMS, Math.min(most, open) * DECREASE);
		},
		served() {
			most = Math.min(MOST_STREAMS, most + 1 / most);
		},
	};
}
