import type { FastifyRequest } from 'fastify';
import type { SandboxJob } from '../jobs';
import { ignoredIn, type Model } from '../ray';
import { jsonBodyOf } from '../server';
import { ACCOUNT, type OxenContext } from './context';
import { inspection } from './rows';

/** Fields of a request that belong to Oxen and not to a model. */
const OWN_FIELDS = ['model', 'num_generations', 'target_namespace', 'response_format'];

/** Accepts the job. At the real provider it would now be billed. */
export function acceptJob(
	request: FastifyRequest,
	context: OxenContext,
	endpoint: SandboxJob['endpoint'],
	model: Model,
): SandboxJob {
	const input = jsonBodyOf(request);
	const fault = request.strike?.fault;
	const { catalogue, clock, ignored } = context;
	const job = clock.accept(
		{
			service: 'oxen',
			endpoint,
			model: model.id,
			input,
			ignored: ignoredIn(model.parameters, input).filter((field) => !OWN_FIELDS.includes(field)),
			namespace: typeof input.target_namespace === 'string' ? input.target_namespace : ACCOUNT,
		},
		{
			inspect:
				fault?.kind === 'jobFails' ? () => ({ status: 400, message: fault.message }) : inspection(catalogue),
		},
	);
	request.record.jobId ??= job.id;
	ignored.note(job);
	return job;
}
