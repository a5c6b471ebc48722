import type { Strike } from './book';

type Json = Record<string, unknown>;

/** The words for queued and running, by provider. */
const FALL_BACK: Record<string, string> = { IN_PROGRESS: 'IN_QUEUE', processing: 'queued' };
const OPEN = Object.entries(FALL_BACK).flat();

/** Changes a JSON answer according to the fault. Answers that the fault does not affect stay unchanged. */
export function rewriteAnswer({ fault, memory }: Strike, body: unknown): unknown {
	if (!isObject(body)) return body;
	switch (fault.kind) {
		case 'backToQueue': {
			const status = FALL_BACK[String(body.status)];
			if (!status) return body;
			const job = String(body.request_id ?? body.generation_id);
			const seen = (memory.get(job) ?? 0) + 1;
			memory.set(job, seen);
			return seen === 2 ? { ...body, status } : body;
		}
		case 'unknownStatus': {
			return OPEN.includes(String(body.status)) ? { ...body, status: fault.status ?? 'WARMING_UP' } : body;
		}
		case 'nullLogs':
			return 'logs' in body ? { ...body, logs: null } : body;
		case 'videoUrl':
			return withVideo(body, { url: fault.url });
		case 'fileName':
			return withVideo(body, { file_name: fault.name });
		case 'contentType':
			return withVideo(body, { content_type: fault.type });
		default:
			return body;
	}
}

/** fal: `video`. Oxen: `videos`, `result_url` of a row, `generation`, or `url` of an event. */
function withVideo(body: Json, change: { url?: string; file_name?: string; content_type?: string }): Json {
	const changed: Json = { ...body };
	if (isObject(body.video)) changed.video = { ...body.video, ...change };
	if (change.url === undefined) return changed;
	if (isObject(body.generation)) changed.generation = withVideo(body.generation, change);
	if (Array.isArray(body.videos))
		changed.videos = body.videos.map((video: Json) => ({ ...video, ...change }));
	if (typeof body.result_url === 'string') changed.result_url = change.url;
	if (typeof body.url === 'string') changed.url = change.url;
	return changed;
}

function isObject(value: unknown): value is Json {
	return value instanceof Object && !Array.isArray(value);
}
