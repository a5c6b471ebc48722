import type { Problem } from '../../models/problem';
import { asVideoUrl } from '../../transport/urls';
import { asNumber, asObject, asString, asWords } from '../answers';
import type { Json, LogLine, Outcome, Progress, RemoteVideo } from '../provider';
import { hasTypedDetail } from './problems';

/** Reads fal's answers about a job. */

/** The progress in a status. fal has no status for failed or cancelled jobs. With an unknown status, keep waiting. */
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
 * The outcome of a job whose result is a 200 with the model's output.
 * @param home one of fal's addresses: if it is private, the video's address may be private too
 */
export function outcomeOf(output: Json, actualUsd: number | null, home: string): Outcome {
	const video = videoOf(output, home);
	if (!video) {
		const problem: Problem = { name: 'noVideoNamed', data: { provider: 'fal' } };
		return { status: 'succeeded', problem, actualUsd, raw: output };
	}
	// Null if the job did not include an EXR export, and absent for models that have none.
	const exrFile = fileIn(output.exr_file, home);
	return { status: 'succeeded', video, ...(exrFile ? { exrFile } : {}), actualUsd, raw: output };
}

/** The video in the model's output, if its address may be fetched. */
export function videoOf(output: Json, home: string): RemoteVideo | undefined {
	return fileIn(output.video, home);
}

/** A file in the model's output, if its address may be fetched. */
function fileIn(value: unknown, home: string): RemoteVideo | undefined {
	const file = asObject(value);
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

/** HTTP statuses that are about the key or the read itself, regardless of the body. */
const ABOUT_THE_READ = [401, 403, 404, 408, 409, 425, 429];

/**
 * Whether an error at the result's address is the model's own answer, which means that the job has ended: 422, 499
 * (cancelled), or typed entries in `detail`. Any other error may come from the queue or a gateway, and says nothing
 * about the job.
 */
export function isOwnError(status: number, error: Json): boolean {
	if (status === 422 || status === 499) return true;
	return hasTypedDetail(error) && !ABOUT_THE_READ.includes(status);
}

/** How a job failed, by its status. Only `error` and `error_type` of a completed job say so (fal docs: queue). */
export function failureIn(status: Json | undefined): { type?: string; message: string } | undefined {
	if (status?.status !== 'COMPLETED') return undefined;
	const [type, message] = [asWords(status.error_type), asWords(status.error)];
	const said = message ?? type;
	return said === undefined ? undefined : { message: said, ...(type === undefined ? {} : { type }) };
}
