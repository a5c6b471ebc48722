import type { Problem } from '../../models/problem';
import type { FileSource } from '../../models/files';
import type { HttpAnswer, Content, HttpRequest } from '../../transport/http';
import { transferLimitMs } from '../../transport/pace';
import { openLate } from '../../transport/upload';
import { asVideoUrl } from '../../transport/urls';
import { asString, jsonOf, unansweredReading, unsuccessfulReading } from '../answers';
import type { Reading } from '../provider';
import { falProblem } from './problems';
import { uploadParts } from './storageParts';
import type { FalWire } from './wire';

/** An upload fails after this many milliseconds without progress. Its answer may take as long. */
const UPLOAD_SILENCE_MS = 120_000;
/** A larger file is uploaded in parts (fal's own client, storage.ts). */
const LARGEST_PIECE_BYTES = 90 * 1024 * 1024;

const NOT_PUBLIC: Problem = { name: 'storageNotPublic', data: { provider: 'fal' } };

/**
 * Uploads a file to fal's storage: requests an upload address, and sends the file there without the key.
 * @returns its public address
 */
export async function uploadFile(
	wire: FalWire,
	file: FileSource,
	signal: AbortSignal,
): Promise<Reading<string>> {
	const isLarge = file.bytes > LARGEST_PIECE_BYTES;
	const begun = await beginUpload(wire, isLarge ? 'initiate-multipart' : 'initiate', file, signal);
	if (!begun.ok) return begun;
	const { uploadUrl, fileUrl } = begun.value;
	const send = async (request: HttpRequest) =>
		await sendToStorage(wire, { ...request, timeoutMs: UPLOAD_SILENCE_MS, signal });
	const uploaded = isLarge
		? await uploadParts(send, uploadUrl, file, { clock: wire.clock, signal })
		: await send({
				method: 'PUT',
				url: uploadUrl,
				upload: { contentType: file.mimeType, bytes: file.bytes, content: openLate(file.open) },
				totalMs: transferLimitMs(file.bytes),
			});
	return uploaded.ok ? { ok: true, value: fileUrl } : uploaded;
}

/** Requests the address to upload a file to, and the address that the file will have. */
async function beginUpload(
	{ http, endpoints, clock }: FalWire,
	how: 'initiate' | 'initiate-multipart',
	file: FileSource,
	signal: AbortSignal,
): Promise<Reading<{ uploadUrl: string; fileUrl: string }>> {
	const initiated = await http.authenticated({
		method: 'POST',
		url: `${endpoints.restUrl}/storage/upload/${how}`,
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
		return { ok: false, transient: false, problem: NOT_PUBLIC };
	}
	return { ok: true, value: { uploadUrl, fileUrl } };
}

/**
 * Sends a request to an address that fal returned, without the key.
 * @returns the answer, if its status is a success
 */
async function sendToStorage(
	{ http, clock }: FalWire,
	request: HttpRequest,
): Promise<Reading<HttpAnswer<Content>>> {
	const answer = await http.plain(request);
	if (!answer.answered) return unansweredReading(answer, 'fal', undefined, 'storage');
	const { status } = answer;
	if (status >= 200 && status < 300) return { ok: true, value: answer };
	// The request had no key, so a refusal is never about the key.
	const problem = notUploaded({ name: 'storageRefused', data: { provider: 'fal' }, httpStatus: status });
	return unsuccessfulReading(answer, problem, clock.now());
}

function notUploaded(because: Problem): Problem {
	return { name: 'fileNotUploaded', data: { because }, httpStatus: because.httpStatus };
}
