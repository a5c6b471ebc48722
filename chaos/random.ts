/** Random numbers from a seed (mulberry32). The same seed gives the same numbers on every machine. */
export class Random {
	constructor(private state: number) {}

	/** From 0 up to, but not including, 1. */
	next(): number {
		this.state = (this.state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
	}

	chance(probability: number): boolean {
		return this.next() < probability;
	}

	between(from: number, to: number): number {
		return from + (to - from) * this.next();
	}

	/** A whole number between the two limits, inclusive. */
	integer(from: number, to: number): number {
		return from + Math.floor(this.next() * (to - from + 1));
	}

	pick<T>(choices: readonly T[]): T {
		return choices[Math.floor(this.next() * choices.length)];
	}

	/** A separate sequence, so that random draws of one part do not change those of other parts. */
	fork(): Random {
		return new Random(Math.floor(this.next() * 4294967296));
	}
}

/** Derives the seed of one story from the seed of the whole run. */
export function storySeed(seed: number, story: number): number {
	return Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(story + 1, 0xc2b2ae35);
}
