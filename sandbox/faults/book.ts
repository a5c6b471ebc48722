import type { Endpoint, RecordedRequest, Service } from '../requests';
import type { Fault } from './kinds';

export interface FaultRule {
	/** Without it, the rule is for both. */
	service?: Service;
	endpoint: Endpoint;
	/** Which of the requests that fit it strikes, counted from 1; a pair is a range. Without it: every one. */
	nth?: number | [from: number, to: number];
	/** Which requests fit, beyond service and endpoint. The body has been parsed by then. */
	match?: (request: RecordedRequest) => boolean;
	fault: Fault;
}

export interface FaultHandle {
	/** How often it has struck. */
	readonly hits: number;
	remove(): void;
}

/** A fault that strikes a request. */
export interface Strike {
	fault: Fault;
	/** How often something was seen, by job; it lives as long as the rule. */
	memory: Map<string, number>;
}

interface Entry extends Strike {
	rule: FaultRule;
	seen: number;
	hits: number;
}

/** What goes wrong, and when. */
export class FaultBook {
	private entries: Entry[] = [];

	add(rule: FaultRule): FaultHandle {
		const entry: Entry = { rule, fault: rule.fault, seen: 0, hits: 0, memory: new Map() };
		this.entries.push(entry);
		return {
			get hits() {
				return entry.hits;
			},
			remove: () => {
				this.entries = this.entries.filter((other) => other !== entry);
			},
		};
	}

	clear(): void {
		this.entries = [];
	}

	/** All that strikes this request, in the order in which it was added. Counts the request. */
	strikesOn(request: RecordedRequest): Strike[] {
		return this.entries.filter((entry) => {
			const { service, endpoint, match, nth } = entry.rule;
			if (endpoint !== request.endpoint || (service && service !== request.service)) return false;
			if (match && !match(request)) return false;
			entry.seen += 1;
			const [from, to] = nth === undefined ? [1, Infinity] : typeof nth === 'number' ? [nth, nth] : nth;
			if (entry.seen < from || entry.seen > to) return false;
			entry.hits += 1;
			return true;
		});
	}
}
