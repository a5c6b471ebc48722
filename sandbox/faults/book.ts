import type { Endpoint, RecordedRequest, Service } from '../requests';
import type { Fault } from './kinds';

export interface FaultRule {
	/** If absent, the rule is for both providers. */
	service?: Service;
	endpoint: Endpoint;
	/**
	 * Which of the matching requests the fault affects, counted from 1. A pair is a range. If absent, it affects every
	 * one.
	 */
	nth?: number | [from: number, to: number];
	/** Which requests match, in addition to service and endpoint. The body has already been parsed. */
	match?: (request: RecordedRequest) => boolean;
	fault: Fault;
}

export interface FaultHandle {
	/** How many requests it has affected. */
	readonly hits: number;
	remove(): void;
}

/** A fault that affects a request. */
export interface Strike {
	fault: Fault;
	/** How many times something has occurred, by job. It is kept as long as the rule exists. */
	memory: Map<string, number>;
}

interface Entry extends Strike {
	rule: FaultRule;
	seen: number;
	hits: number;
}

/** The fault rules of a sandbox. */
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

	/** All faults that affect this request, in the order they were added. Counts the request. */
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
