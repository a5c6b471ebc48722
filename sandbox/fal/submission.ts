import type { FastifyRequest } from 'fastify';
import type { Inspection, JobOrder, SandboxJob } from '../jobs';
import { ignoredIn } from '../ray';
import { jsonBodyOf } from '../server';
import type { FalContext } from './context';
import { infrastructureFailure, inspection, START_TIMEOUT } from './results';

/** Accepts the job. At the real provider it would now be billed. Header names: fal docs, queue. */
export function acceptJob(
	request: FastifyRequest,
	context: FalContext,
	rest: Pick<JobOrder, 'endpoint' | 'model' | 'webhookUrl'>,
): SandboxJob {
	const timeout = Number(request.headers['x-fal-request-timeout'] ?? NaN);
	const { catalogue, clock, ignored } = context;
	const input = jsonBodyOf(request);
	const job = clock.accept(
		{
			...rest,
			service: 'fal',
			input,
			ignored: ignoredIn(catalogue.find('fal', rest.model)!.parameters, input),
			priority: request.headers['x-fal-queue-priority']?.toString(),
			startTimeoutSeconds: timeout > 0 ? timeout : undefined,
		},
		{ inspect: faultOf(request) ?? inspection(catalogue), startTimeoutFailure: START_TIMEOUT },
	);
	request.record.jobId = job.id;
	ignored.note(job);
	return job;
}

/** A job with the fault `jobFails` fails as soon as it starts. */
function faultOf({ strike }: FastifyRequest): Inspection | undefined {
	const fault = strike?.fault;
	if (fault?.kind !== 'jobFails') return undefined;
	const { status = 500, message, body } = fault;
	const [problem] = (body as { detail?: Array<{ type: string }> } | undefined)?.detail ?? [];
	return () => infrastructureFailure(status, problem?.type ?? 'internal_server_error', message, body);
}
