import type { INodeExecutionData } from 'n8n-workflow';

import type { Sandbox } from '../../sandbox';
import { sandboxCredentials, type EngineOptions } from '../../harness/engine/engine';
import { useSandbox } from '../sandbox/support';

/** Shared by the tests of suspended runs. */

export interface Suspending {
	sandbox: Sandbox;
	/** How many seconds each job runs, in the order of their submits. The last number applies to all later jobs. */
	jobs: { seconds: number[] };
	/** Options of a run that suspends. */
	suspended(options?: Partial<EngineOptions>): EngineOptions;
}

/** Starts one sandbox for all tests of a file. Its jobs are short unless a test sets another length. */
export function useSuspending(): Suspending {
	const jobs = { seconds: [0.3] };
	const sandbox = useSandbox({
		jobSeconds: (place) => jobs.seconds[Math.min(place, jobs.seconds.length - 1)],
	});
	beforeEach(() => (jobs.seconds = [0.3]));
	afterEach(() => {
		vi.restoreAllMocks();
		sandbox.reset();
	});
	return {
		sandbox,
		jobs,
		suspended: ({ parameters, ...options } = {}) => ({
			credentials: sandboxCredentials(sandbox),
			parameters: { waitMode: 'suspend', ...parameters },
			...options,
		}),
	};
}

export function items(count: number): INodeExecutionData[] {
	return Array.from({ length: count }, (_, number) => ({ json: { number } }));
}
