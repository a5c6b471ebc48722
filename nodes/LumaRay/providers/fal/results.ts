import type { Problem } from '../../models/problem';
import { asVideoUrl } from '../../transport/urls';
import { asNumber, asObject, asString, asWords } from '../answers';
import type { Json, LogLine, Outcome, Progress, RemoteVideo } from '../provider';
import { hasTypedDetail } from './problems';

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
		const problem: Problem = { name: 'noVideoNamed', data: { provider: 'fal' } };
		return { status: 'succeeded', problem, actualUsd, raw: output };
	}
	// Null unless the job was asked for it, and absent at models that have none.
	const exrFile = fileIn(output.exr_file, home);
	return { status: 'succeeded', video, ...(exrFile ? { exrFile } : {}), actualUsd, raw: output };
}

/** The video that the model's output names, if it may be fetched. */
export function videoOf(output: Json, home: string): RemoteVideo | undefined {
	return fileIn(output.video, home);
}

/** A file as fal's outputs name it, if it may be fetched. */
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

/** HTTP statuses about the key or the read itself, whatever their body holds. */
const ABOUT_THE_READ = [401, 403, 404, 408, 409, 425, 429];

/**
 * Whether an error under the result's address is the model's own answer, which ends the job: 422, 499 (cancelled), or
 * typed entries in `detail`. Everything else may be an error of the queue or a gateway and says nothing about the job.
 */
export function isOwnError(status: number, error: Json): boolean {
	if (status === 422 || status === 499) return true;
	return hasTypedDetail(error) && !ABOUT_THE_READ.includes(status);
}

/** How a job failed, if its status says so: only `error` and `error_type` of a completed job do (fal docs: queue). */
export function failureIn(status: Json | undefined): { type?: string; message: string } | undefined {
	if (status?.status !== 'COMPLETED') return undefined;
	const [type, message] = [asWords(status.error_type), asWords(status.error)];
	const said = message ?? type;
	return said === undefined ? undefined : { message: said, ...(type === undefined ? {} : { type }) };
}
