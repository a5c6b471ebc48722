import { startFal } from './fal';
import type { Webhooks } from './fal/webhooks';
import { Catalogue } from './catalogue';
import type { FaultBook } from './faults/book';
import { FaultGate } from './faults/gate';
import { FileStore } from './files';
import { IgnoredFields, type IgnoredField } from './ignored';
import { JobClock, type SandboxJob } from './jobs';
import { startOxen } from './oxen';
import { withDefaults, type SandboxOptions } from './options';
import type { RecordedRequest } from './requests';
import { EventStreams } from './streams';

export { REFUSALS } from './faults/refusals';
export type { FaultBook, FaultHandle, FaultRule } from './faults/book';
export type { IgnoredField } from './ignored';
export type { Edition } from './ray';
export { acceptsJob, type Fault } from './faults/kinds';
export { parseFault } from './faults/notation';
export type { JobStatus, SandboxJob } from './jobs';
export type { Host, SandboxOptions } from './options';
export type { BinaryBody, Endpoint, RecordedRequest, Service } from './requests';

/** A local fal.ai and Oxen.ai: the providers' protocols without a key and without cost. */
export interface Sandbox {
	readonly fal: {
		key: string;
		queueUrl: string;
		runUrl: string;
		restUrl: string;
		apiUrl: string;
		cdnUrl: string;
		/** For tests of webhook receivers: creates genuine and stale deliveries. */
		webhooks: Pick<Webhooks, 'sign' | 'bodyFor'>;
	};
	readonly oxen: { key: string; baseUrl: string; cdnUrl: string };
	/** Every request that arrived, in order. */
	readonly requests: RecordedRequest[];
	/** Every accepted job, in order. */
	readonly jobs: SandboxJob[];
	/** Fields that were sent although their model does not have them, in order. A real provider ignores them. */
	readonly ignored: readonly IgnoredField[];
	/** The rules for faults. */
	readonly faults: Pick<FaultBook, 'add' | 'clear'>;
	/**
	 * Ends the current phase of a job: queued becomes running, running becomes succeeded. With long phases
	 * (`queueSeconds`, `jobSeconds`), a test decides when a job continues, regardless of the speed of the machine.
	 */
	advance(job: SandboxJob): Promise<void>;
	/** The number of open event streams. */
	openStreams(): number;
	/** Deletes requests, jobs, faults and uploaded files, and ends the open streams. */
	reset(): void;
	/** Closes every server, connection, stream and timer. */
	close(): Promise<void>;
}

export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
	const settings = withDefaults(options);
	const requests: RecordedRequest[] = [];
	const gate = new FaultGate();
	const clock = new JobClock(settings);
	const streams = new EventStreams(settings.keepAliveSeconds);
	const files = new FileStore();
	const urls = { queue: '', run: '', rest: '', api: '', cdn: '', oxen: '', oxenCdn: '' };
	const catalogue = new Catalogue(settings);
	const ignored = new IgnoredFields(settings.log);
	const context = { settings, catalogue, clock, ignored, streams, passage: { requests, gate }, files, urls };

	const fal = await startFal(context).catch(async (error: unknown) => {
		streams.stop();
		throw error;
	});
	const oxen = await startOxen(context).catch(async (error: unknown) => {
		streams.stop();
		await fal.close();
		throw error;
	});

	return {
		fal: {
			key: settings.falKey,
			queueUrl: urls.queue,
			runUrl: urls.run,
			restUrl: urls.rest,
			apiUrl: urls.api,
			cdnUrl: urls.cdn,
			webhooks: fal.webhooks,
		},
		oxen: { key: settings.oxenKey, baseUrl: urls.oxen, cdnUrl: urls.oxenCdn },
		requests,
		jobs: clock.jobs,
		ignored: ignored.entries,
		faults: gate.book,
		advance: async (job) => await clock.advance(job),
		openStreams: () => streams.count,
		reset() {
			fal.reset();
			clock.clear();
			streams.endAll();
			oxen.reset();
			files.clear();
			gate.book.clear();
			gate.close();
			ignored.clear();
			requests.length = 0;
		},
		async close() {
			clock.clear();
			gate.close();
			streams.stop();
			await Promise.all([fal.close(), oxen.close()]);
			files.clear();
		},
	};
}
