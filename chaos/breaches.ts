/** What must never happen, by name. */
export type Breach =
	| 'paid twice'
	| 'lost'
	| 'unnamed'
	| 'hangs'
	| 'goes on after its end'
	| 'wrong results'
	| 'delivered twice'
	| 'given up'
	| 'waits too long'
	| 'stop is slow'
	| 'stop does not cancel'
	| 'cancels against the wish'
	| 'goes on after Stop';
