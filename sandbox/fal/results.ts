import type { FastifyReply } from 'fastify';
import type { Inspection, JobFailure, SandboxJob } from '../jobs';
import { paddedVideo, type Media } from '../media';
import { billableUnits, clipOf } from '../ray';
import { imageProblemsOf, problemsOf, type Problem } from '../runner';
import { sampleVideo } from '../samples';
import type { FalContext } from './context';

/** The model's error with its HTTP code. Failed generations are not billed (fal docs: pricing). */
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

/** fal's own error, around the model: `{"detail": "…", "error_type": "…"}` (fal docs: errors). */
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
/** Whose timeout it was: the caller's own, which is never worth a retry (fal docs: queue). */
export const START_TIMEOUT: JobFailure = {
	...START_TIMED_OUT,
	headers: { ...START_TIMED_OUT.headers, 'x-fal-request-timeout-type': 'user' },
};

/** Validates the input and loads its images, as the runner does when a queued job reaches it. */
export const inspectInput: Inspection = ({ input }) => {
	const problems = problemsOf(input, 'image_url');
	if (problems.length > 0) return modelFailure(problems);
	return imageProblemsOf(input, 'image_url').then((found) =>
		found.length > 0 ? modelFailure(found) : undefined,
	);
};

export function videoOf(job: SandboxJob, { settings }: FalContext): Media {
	return paddedVideo(sampleVideo(clipOf(job.input)), settings.videoBytes);
}

/** What an ended job answers: status, headers and body of the result. */
export function resultOf(job: SandboxJob, context: FalContext) {
	if (job.failure) {
		return { status: job.failure.status, headers: job.failure.headers ?? {}, body: job.failure.body };
	}
	const fileName = `${job.id.slice(0, 8)}_output.mp4`;
	return {
		status: 200,
		headers: { 'x-fal-billable-units': String(billableUnits(clipOf(job.input))) },
		body: {
			video: {
				url: `${context.urls.cdn}/files/b/${job.id}/${fileName}`,
				content_type: 'video/mp4',
				file_name: fileName,
				file_size: videoOf(job, context).size,
			},
		},
	};
}

export function sendResult(reply: FastifyReply, job: SandboxJob, context: FalContext): FastifyReply {
	const { status, headers, body } = resultOf(job, context);
	return reply.code(status).headers(headers).send(body);
}
