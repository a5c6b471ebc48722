/**
 * Replaces the timeout of this many milliseconds with one that ends on command, so that a test neither waits for it nor
 * depends on the speed of the machine. Call `vi.restoreAllMocks` after the test.
 */
export function timeOnCommand(replacedMs: number): { end(): void } {
	const timeout = AbortSignal.timeout.bind(AbortSignal);
	let time = new AbortController();
	vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
		if (ms !== replacedMs) return timeout(ms);
		time = new AbortController();
		return time.signal;
	});
	return { end: () => time.abort(new DOMException('The time is up', 'TimeoutError')) };
}
