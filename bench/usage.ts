import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What this process used while something ran in it. */
export interface Usage {
	/** Bytes of resident memory at the peak, over those before. */
	addedBytes: number;
	/** Milliseconds, with the probe's own beat of 10. */
	loopDelayP99Ms: number;
	/** TCP connections open at once, at the peak. */
	connections: number;
}

/** Milliseconds between two beats of the event loop's probe: Node.js's default. */
const PROBE_MS = 10;
/** Milliseconds between two looks at the memory. */
const SAMPLE_MS = 20;

/** Watches this process until the returned function is called. */
export function watch(): () => Usage {
	globalThis.gc?.();
	const delay = monitorEventLoopDelay({ resolution: PROBE_MS });
	const memoryBefore = process.memoryUsage.rss();
	const peakBefore = peakBytes();
	let memory = memoryBefore;
	let connections = 0;
	const look = () => {
		memory = Math.max(memory, process.memoryUsage.rss());
		const open = process.getActiveResourcesInfo().filter((resource) => resource === 'TCPSocketWrap');
		connections = Math.max(connections, open.length);
	};
	const timer = setInterval(look, SAMPLE_MS);
	delay.enable();
	return () => {
		delay.disable();
		clearInterval(timer);
		look();
		// The system's own peak misses nothing between two looks, but knows only the highest since the process began.
		if (peakBytes() > peakBefore) memory = Math.max(memory, peakBytes());
		return {
			addedBytes: memory - memoryBefore,
			loopDelayP99Ms: delay.percentile(99) / 1e6,
			connections,
		};
	};
}

function peakBytes(): number {
	return process.resourceUsage().maxRSS * 1024;
}
