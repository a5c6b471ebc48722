import type { Problem } from '../../models/problem';
import type { FileSource } from '../../models/files';
import { transferLimitMs } from '../../transport/pace';
import { asVideoUrl } from '../../transport/urls';
import { asString, jsonOf, unansweredReading, unsuccessfulReading } from '../answers';
import type { Reading } from '../provider';
import { falProblem } from './problems';
import type { FalWire } from './wire';

/** Milliseconds without progress after which an upload is given up, and that its answer may take. */
const UPLOAD_SILENCE_MS = 120_000;

const NOT_PUBLIC: Problem = { name: 'storageNotPublic', data: { provider: 'fal' } };

/**
 * Puts a file into fal's storage: asks where it may go, and sends it there without the key.
 * @returns its public address
 */
export async function uploadFile(
	{ http, endpoints, clock }: FalWire,
	file: FileSource,
	signal: AbortSignal,
): Promise<Reading<string>> {
	const initiated = await http.authenticated({
		method: 'POST',
		url: `${endpoints.restUrl}/storage/upload/initiate`,
		query: { storage_type: 'fal-cdn-v3' },
		body: { content_type: file.mimeType, file_name: file.fileName },
		signal,
	});
	if (!initiated.answered) return unansweredReading(initiated, 'fal', undefined, 'storage');
	const places = jsonOf(initiated);
	const uploadUrl = asString(places?.upload_url);
	const fileUrl = asString(places?.file_url);
	if (!uploadUrl || !fileUrl) {
		const problem = falProblem(initiated.status, initiated.headers, initiated.body);
		const about = initiated.status === 401 ? problem : notUploaded(problem);
		return unsuccessfulReading(initiated, about, clock.now());
	}
	if (!asVideoUrl(uploadUrl, endpoints.restUrl) || !asVideoUrl(fileUrl, endpoints.restUrl)) {
		return { ok: false, passing: false, problem: NOT_PUBLIC };
	}
	const uploaded = await http.plain({
		method: 'PUT',
		url: uploadUrl,
		upload: { contentType: file.mimeType, bytes: file.bytes, content: await file.open() },
		timeoutMs: UPLOAD_SILENCE_MS,
		totalMs: transferLimitMs(file.bytes),
		signal,
	});
	if (!uploaded.answered) return unansweredReading(uploaded, 'fal', undefined, 'storage');
	if (uploaded.status >= 200 && uploaded.status < 300) return { ok: true, value: fileUrl };
	const { status } = uploaded;
	// No key went along, so that no refusal here is about the key.
	const problem = notUploaded({ name: 'storageRefused', data: { provider: 'fal' }, httpStatus: status });
	return unsuccessfulReading(uploaded, problem, clock.now());
}

function notUploaded(because: Problem): Problem {
	return { name: 'imageNotUploaded', data: { because }, httpStatus: because.httpStatus };
}
