import type { FastifyReply } from 'fastify';
import type { Inspection, JobFailure, SandboxJob } from '../jobs';
import type { Media } from '../media';
import type { Catalogue } from '../catalogue';
import { exrFile } from '../exr';
import { billableUnits } from '../ray';
import type { Problem } from '../runner';
import type { FalContext } from './context';

/** The model's own error, with its HTTP code. Failed generations are not billed (fal docs: pricing). */
export function modelFailure(problems: Problem[]): JobFailure {
	return {
		status: 422,
		message: problems[0].msg,
		body: { detail: problems },
		headers: {
			'x-fal-error-type': problems[0].type,
			'x-fal-retryable': 'false',
			'x-fal-billable-units': '0',
		},
	};
}

/** An error of fal's platform, not of the model: `{"detail": "…", "error_type": "…"}` (fal docs: errors). */
export function infrastructureFailure(
	status: number,
	type: string,
	message: string,
	body: unknown = { detail: message, error_type: type },
): JobFailure {
	return {
		status,
		message,
		body,
		headers: { 'x-fal-error-type': type, 'x-fal-retryable': 'false', 'x-fal-billable-units': '0' },
	};
}

export const CLIENT_CANCELLED = infrastructureFailure(499, 'client_cancelled', 'Request was cancelled');

const START_TIMED_OUT = infrastructureFailure(504, 'request_timeout', 'Request timed out');
/** The timeout was set by the caller, so clients must not retry (fal docs: queue). */
export const START_TIMEOUT: JobFailure = {
	...START_TIMED_OUT,
	headers: { ...START_TIMED_OUT.headers, 'x-fal-request-timeout-type': 'user' },
};

/** Validates the input and loads its files, as the runner does when it starts a queued job. */
export function inspection(catalogue: Catalogue): Inspection {
	return async (job) => {
		const problems = await catalogue.inspect(job);
		return problems.length > 0 ? modelFailure(problems) : undefined;
	};
}

/** The result of an ended job: status, headers and body. */
export function resultOf(job: SandboxJob, context: FalContext) {
	if (job.failure) {
		return { status: job.failure.status, headers: job.failure.headers ?? {}, body: job.failure.body };
	}
	const { catalogue, settings } = context;
	const model = catalogue.modelOf(job);
	const clip = catalogue.clipOf(job);
	const exr = clip.exr ? exrFile(settings.exrFormat) : undefined;
	return {
		status: 200,
		headers: { 'x-fal-billable-units': String(billableUnits(model, clip)) },
		body: {
			video: fileOf(job, 'mp4', catalogue.videoOf(job), context),
			...(model.hasExr && { exr_file: exr ? fileOf(job, settings.exrFormat, exr, context) : null }),
		},
	};
}

function fileOf(job: SandboxJob, extension: string, { contentType, size }: Media, { urls }: FalContext) {
	const fileName = `${job.id.slice(0, 8)}_output.${extension}`;
	return {
		url: `${urls.cdn}/files/b/${job.id}/${fileName}`,
		content_type: contentType,
		file_name: fileName,
		file_size: size,
	};
}

export function sendResult(reply: FastifyReply, job: SandboxJob, context: FalContext): FastifyReply {
	const { status, headers, body } = resultOf(job, context);
	return reply.code(status).headers(headers).send(body);
}
