/** The names of everything that must never happen. */
export type Breach =
	| 'paid twice'
	| 'lost'
	| 'unnamed'
	| 'hangs'
	| 'continues after its end'
	| 'wrong results'
	| 'delivered twice'
	| 'false failure'
	| 'waits too long'
	| 'slow stop'
	| 'stop does not cancel'
	| 'unwanted cancel'
	| 'continues after Stop';
