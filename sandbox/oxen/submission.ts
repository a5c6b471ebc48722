import type { FastifyRequest } from 'fastify';
import type { SandboxJob } from '../jobs';
import { OXEN_MODEL_ID } from '../ray';
import { jsonBodyOf } from '../server';
import { ACCOUNT, type OxenContext } from './context';
import { inspectInput } from './rows';

/** Takes the job: from here on it would be billed. */
export function acceptJob(
	request: FastifyRequest,
	context: OxenContext,
	endpoint: SandboxJob['endpoint'],
): SandboxJob {
	const input = jsonBodyOf(request);
	const fault = request.strike?.fault;
	const job = context.clock.accept(
		{
			service: 'oxen',
			endpoint,
			model: OXEN_MODEL_ID,
			input,
			namespace: typeof input.target_namespace === 'string' ? input.target_namespace : ACCOUNT,
		},
		{
			inspect: fault?.kind === 'jobFails' ? () => ({ status: 400, message: fault.message }) : inspectInput,
		},
	);
	request.record.jobId ??= job.id;
	return job;
}
