import type { FileSource } from '../../models/files';
import type { Problem } from '../../models/problem';
import type { HttpAnswer, Content, HttpRequest } from '../../transport/http';
import { transferLimitMs } from '../../transport/pace';
import { inParts } from '../../transport/parts';
import { exactly } from '../../transport/upload';
import { asString, jsonOf } from '../answers';
import { patiently, type Patience } from '../patience';
import type { Reading } from '../provider';

/** Bytes of each part except the last (fal's own client, storage.ts). */
const PART_BYTES = 10 * 1024 * 1024;

/** Sends a request to fal's storage without the key. The result is ok if the answer has a success status. */
type Send = (request: HttpRequest) => Promise<Reading<HttpAnswer<Content>>>;

/**
 * Uploads a file in parts, one after the other, as fal's own client does. Only one part is in memory at a time. After a
 * transient failure, only that part is sent again, which is much less than the whole file.
 * @param uploadUrl the address of the upload; each part has an address below it
 * @throws if the file cannot be read, or if its size is not `file.bytes`
 */
export async function uploadParts(
	send: Send,
	uploadUrl: string,
	file: FileSource,
	patience: Patience,
): Promise<Reading<unknown>> {
	const etags: string[] = [];
	for await (const part of inParts(exactly(file.bytes, await file.open()), PART_BYTES)) {
		const url = below(uploadUrl, String(etags.length + 1));
		const sent = await patiently(async () => await sendPart(send, url, part), patience);
		if (!sent.ok) return sent;
		etags.push(sent.value);
	}
	const parts = etags.map((etag, index) => ({ partNumber: index + 1, etag }));
	const complete: HttpRequest = { method: 'POST', url: below(uploadUrl, 'complete'), body: { parts } };
	let tries = 0;
	const completed = await patiently(async () => {
		tries++;
		return await send(complete);
	}, patience);
	// A try without an answer may have completed the upload, and fal then refuses the next try: upload the file again.
	return completed.ok || tries === 1 ? completed : { ...completed, transient: !patience.signal.aborted };
}

/** @returns the part's ETag */
async function sendPart(send: Send, url: string, part: Buffer): Promise<Reading<string>> {
	const sent = await send({
		method: 'PUT',
		url,
		upload: { contentType: 'application/octet-stream', bytes: part.length, content: part },
		totalMs: transferLimitMs(part.length),
	});
	if (!sent.ok) return sent;
	const etag = asString(jsonOf(sent.value)?.etag);
	if (etag !== undefined) return { ok: true, value: etag };
	const problem: Problem = {
		name: 'notUnderstood',
		data: { provider: 'fal' },
		httpStatus: sent.value.status,
	};
	return { ok: false, transient: false, problem };
}

/** An address below another one, with the same query. */
function below(url: string, name: string): string {
	const { origin, pathname, search } = new URL(url);
	return `${origin}${pathname}/${name}${search}`;
}
