import { asVideoUrl } from '../../transport/urls';
import { asNumber, asObject, asString } from '../answers';
import type { Json, LogLine, Outcome, Progress, RemoteVideo } from '../provider';

/** What fal's answers about a job say. */

/** A status JSON. There is no failed and no cancelled status; one that is unknown means: keep waiting. */
export function progressOf(body: Json | undefined): Progress | undefined {
	const status = asString(body?.status);
	if (!body || !status) return undefined;
	const phase = status === 'COMPLETED' ? 'ended' : status === 'IN_QUEUE' ? 'queued' : 'running';
	const queuePosition = asNumber(body.queue_position);
	const runSeconds = asNumber(asObject(body.metrics)?.inference_time);
	const logs = logsOf(body.logs);
	return {
		phase,
		...(queuePosition === undefined ? {} : { queuePosition }),
		...(runSeconds === undefined ? {} : { runSeconds }),
		...(logs === undefined ? {} : { logs }),
	};
}

function logsOf(value: unknown): LogLine[] | undefined {
	if (!Array.isArray(value)) return undefined;
	return value.flatMap((entry) => {
		const line = asObject(entry);
		const message = asString(line?.message);
		if (!line || message === undefined) return [];
		const timestamp = asString(line.timestamp);
		const level = asString(line.level);
		return [{ message, ...(timestamp ? { timestamp } : {}), ...(level ? { level } : {}) }];
	});
}

/**
 * The outcome of a job whose result is a 200: the model's output.
 * @param home an address of fal's, to judge where a video may come from
 */
export function outcomeOf(output: Json, actualUsd: number | null, home: string): Outcome {
	const video = videoOf(output, home);
	if (!video) {
		const problem = {
			message: 'fal.ai says that the job succeeded, but its answer names no video that can be fetched',
			description: 'Look at the job at https://fal.ai/dashboard/requests.',
		};
		return { status: 'succeeded', problem, actualUsd, raw: output };
	}
	return { status: 'succeeded', video, actualUsd, raw: output };
}

/** The video that the model's output names, if it may be fetched. */
export function videoOf(output: Json, home: string): RemoteVideo | undefined {
	const file = asObject(output.video);
	const url = asVideoUrl(file?.url, home);
	if (!file || !url) return undefined;
	const contentType = asString(file.content_type);
	const fileName = asString(file.file_name);
	const fileSize = asNumber(file.file_size);
	return {
		url,
		...(contentType ? { contentType } : {}),
		...(fileName ? { fileName } : {}),
		...(fileSize === undefined ? {} : { fileSize }),
	};
}

/**
 * Whether an error under the result's address is the job's own end rather than a hitch of the queue: a 4xx that
 * is no matter of key or patience, or a 5xx that carries the model's or the runner's own error type.
 */
export function isOwnError(status: number, error: Json, headers: { [name: string]: string }): boolean {
	if (status >= 500) {
		const typed =
			Array.isArray(error.detail) && error.detail.some((entry) => asString(asObject(entry)?.type));
		return typed || asString(error.error_type) !== undefined || headers['x-fal-error-type'] !== undefined;
	}
	return status >= 400 && ![401, 403, 404, 408, 409, 425, 429].includes(status);
}
