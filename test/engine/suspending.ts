import type { INodeExecutionData } from 'n8n-workflow';

import type { Sandbox } from '../../sandbox';
import { sandboxCredentials, type EngineOptions } from '../../harness/engine/engine';
import { useSandbox } from '../sandbox/support';

/** What the tests of suspended runs share. */

export interface Suspending {
	sandbox: Sandbox;
	/** How long each job runs, by the order of their submits; the last number holds for all that follow. */
	jobs: { seconds: number[] };
	/** Options of a run that suspends. */
	suspended(options?: Partial<EngineOptions>): EngineOptions;
}

/** A sandbox for all tests of a file, whose jobs are short unless a test says otherwise. */
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
