import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SandboxJob } from '../jobs';
import { FAL_ENDPOINT_IDS } from '../ray';
import { APP, type FalContext } from './context';
import { logsOf, type LogLine } from './logs';
import { CLIENT_CANCELLED, sendResult } from './results';
import { acceptJob } from './submission';

type JobRequest = FastifyRequest<{ Params: { id: string }; Querystring: { logs?: string } }>;

/** queue.fal.run (fal docs: queue). */
export function serveQueue(app: FastifyInstance, context: FalContext): void {
	for (const id of FAL_ENDPOINT_IDS) serveSubmit(app, context, id);
	// fal's answers contain owner/alias, but the whole endpoint ID works, too.
	for (const base of [APP, ...FAL_ENDPOINT_IDS.map((id) => `/${id}`)]) {
		serveStatus(app, context, `${base}/requests/:id`);
		serveResult(app, context, `${base}/requests/:id`);
		serveCancel(app, context, `${base}/requests/:id`);
	}
}

function serveSubmit(app: FastifyInstance, context: FalContext, endpointId: string): void {
	app.post<{ Querystring: { fal_webhook?: string } }>(
		`/${endpointId}`,
		{ config: { endpoint: 'submit' } },
		async (request, reply) => {
			const webhookUrl = request.query.fal_webhook;
			const job = acceptJob(request, context, { endpoint: 'submit', model: endpointId, webhookUrl });
			return reply.header('x-fal-request-id', job.id).send({
				status: 'IN_QUEUE',
				request_id: job.id,
				gateway_request_id: job.id,
				queue_position: context.clock.queuePosition(job),
				...urlsOf(job, context),
			});
		},
	);
}

function serveStatus(app: FastifyInstance, context: FalContext, path: string): void {
	app.get(`${path}/status`, { config: { endpoint: 'status' } }, async (request: JobRequest, reply) => {
		const job = jobOf(request, reply, context);
		if (!job) return reply;
		const logs = request.query.logs === '1' ? logsOf(job, context.catalogue.clipOf(job)) : null;
		const body = statusOf(job, logs, context);
		return reply.code(body.status === 'COMPLETED' ? 200 : 202).send(body);
	});

	app.get(`${path}/status/stream`, { config: { endpoint: 'stream' } }, async (request: JobRequest, reply) => {
		const job = jobOf(request, reply, context);
		if (!job) return reply;
		const stream = context.streams.start(request, reply);
		let logsSent = 0;
		const tell = () => {
			// Each event contains only the log lines since the last event, and clients join them.
			const logs = logsOf(job, context.catalogue.clipOf(job)).slice(logsSent);
			logsSent += logs.length;
			stream.send(statusOf(job, request.query.logs === '1' ? logs : null, context));
			if (hasEnded(job)) stream.end();
		};
		stream.onClose(context.clock.onChange(job, tell));
		tell();
		return reply;
	});
}

function serveResult(app: FastifyInstance, context: FalContext, path: string): void {
	for (const url of [path, `${path}/response`]) {
		app.get(url, { config: { endpoint: 'result' } }, async (request: JobRequest, reply) => {
			const job = jobOf(request, reply, context);
			if (!job) return reply;
			if (!hasEnded(job)) return reply.code(400).send({ detail: 'Request is still in progress' });
			return sendResult(reply, job, context);
		});
	}
}

function serveCancel(app: FastifyInstance, context: FalContext, path: string): void {
	app.put(`${path}/cancel`, { config: { endpoint: 'cancel' } }, async (request: JobRequest, reply) => {
		const job = jobOf(request, reply, context);
		if (!job) return reply;
		const wasQueued = job.status === 'queued';
		if (!context.clock.cancel(job, CLIENT_CANCELLED)) {
			return reply.code(400).send({ status: 'ALREADY_COMPLETED' });
		}
		return wasQueued
			? reply.code(200).send({ status: 'OK' })
			: reply.code(202).send({ status: 'CANCELLATION_REQUESTED' });
	});
}

/** The job that a request is about. If it does not exist, answers the request and returns undefined. */
function jobOf(request: JobRequest, reply: FastifyReply, { clock }: FalContext): SandboxJob | undefined {
	const job = clock.find('fal', request.params.id);
	if (!job) {
		void reply.code(404).send({ status: 'NOT_FOUND' });
		return undefined;
	}
	request.record.jobId = job.id;
	void reply.header('x-fal-request-id', job.id);
	return job;
}

function hasEnded(job: SandboxJob): boolean {
	return job.completedAt !== undefined;
}

function urlsOf(job: SandboxJob, { urls }: FalContext) {
	const response = `${urls.queue}${APP}/requests/${job.id}`;
	return { response_url: response, status_url: `${response}/status`, cancel_url: `${response}/cancel` };
}

/**
 * fal has no status FAILED or CANCELLED. Every job that has ended is COMPLETED, and only its result shows how it
 * ended.
 */
function statusOf(job: SandboxJob, logs: LogLine[] | null, context: FalContext) {
	const identity = { request_id: job.id, ...urlsOf(job, context) };
	if (job.status === 'queued') {
		return { status: 'IN_QUEUE', ...identity, queue_position: context.clock.queuePosition(job) };
	}
	if (!hasEnded(job)) return { status: 'IN_PROGRESS', ...identity, logs };
	const { startedAt } = job;
	// The status does not show the model's own errors (422). Only the result does.
	const failure = job.failure?.status === 422 ? undefined : job.failure;
	return {
		status: 'COMPLETED',
		...identity,
		logs,
		metrics: startedAt === undefined ? {} : { inference_time: (job.completedAt! - startedAt) / 1000 },
		...(failure && { error: failure.message, error_type: failure.headers?.['x-fal-error-type'] }),
	};
}
