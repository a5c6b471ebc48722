import type { FastifyRequest } from 'fastify';
import type { Inspection, JobOrder, SandboxJob } from '../jobs';
import { FAL_ENDPOINT_ID } from '../ray';
import { jsonBodyOf } from '../server';
import type { FalContext } from './context';
import { infrastructureFailure, inspectInput, START_TIMEOUT } from './results';

/** Takes the job: from here on it would be billed. Header names: fal docs, queue. */
export function acceptJob(
	request: FastifyRequest,
	context: FalContext,
	rest: Pick<JobOrder, 'endpoint' | 'webhookUrl'>,
): SandboxJob {
	const timeout = Number(request.headers['x-fal-request-timeout'] ?? NaN);
	const job = context.clock.accept(
		{
			...rest,
			service: 'fal',
			model: FAL_ENDPOINT_ID,
			input: jsonBodyOf(request),
			priority: request.headers['x-fal-queue-priority']?.toString(),
			startTimeoutSeconds: timeout > 0 ? timeout : undefined,
		},
		{ inspect: faultOf(request) ?? inspectInput, startTimeoutFailure: START_TIMEOUT },
	);
	request.record.jobId = job.id;
	return job;
}

/** A job that was told to fail does so as soon as it starts. */
function faultOf({ strike }: FastifyRequest): Inspection | undefined {
	const fault = strike?.fault;
	if (fault?.kind !== 'jobFails') return undefined;
	const { status = 500, message, body } = fault;
	const [problem] = (body as { detail?: Array<{ type: string }> } | undefined)?.detail ?? [];
	return () => infrastructureFailure(status, problem?.type ?? 'internal_server_error', message, body);
}
