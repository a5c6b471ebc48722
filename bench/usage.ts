import { monitorEventLoopDelay } from 'node:perf_hooks';

/** The resources that this process used while a task ran in it. */
export interface Usage {
	/** Peak of the resident memory minus the memory before the task, in bytes. */
	addedBytes: number;
	/** In milliseconds, including the sampling interval of 10 ms. */
	loopDelayP99Ms: number;
	/** The highest number of TCP connections that were open at the same time. */
	connections: number;
}

/** Milliseconds between two samples of the event-loop delay: the default of Node.js. */
const PROBE_MS = 10;
/** Milliseconds between two reads of the memory. */
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
		// The operating system's own peak includes moments between two reads, but it counts from the start of the
		// process.
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
