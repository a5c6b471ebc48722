import type { FileSource } from '../../models/files';
import type { Problem } from '../../models/problem';
import { multipart } from '../../transport/multipart';
import { transferLimitMs } from '../../transport/pace';
import { openLate } from '../../transport/upload';
import { jsonOf, unansweredReading, unsuccessfulReading } from '../answers';
import type { Reading } from '../provider';
import { oxenProblem } from './problems';
import type { OxenWire } from './wire';

/**
 * Milliseconds without progress after which an upload into a repository is given up. The commit behind it takes its
 * time, too.
 */
const UPLOAD_SILENCE_MS = 300_000;

/**
 * Puts a file into a repository, which is made, open to all, where there is none.
 * @returns its address there
 */
export async function uploadInto(
	{ http, clock, baseUrl }: OxenWire,
	{ repository, branch }: { repository: string; branch: string },
	file: FileSource,
	signal: AbortSignal,
): Promise<Reading<string>> {
	// The files go into the folder that the path names. A folder per file keeps equal names apart.
	const folder = `n8n-luma-ray/${file.identity.replace(/[^\w-]/g, '-').slice(-60)}`;
	const path = `${baseUrl}/api/repos/${repository}/file/${encodeURIComponent(branch)}/${folder}`;
	const fileName = file.fileName.replace(/[^\w.-]/g, '_');
	const { mimeType, bytes } = file;
	const put = async () =>
		await http.authenticated({
			method: 'PUT',
			url: path,
			upload: multipart(
				{ message: 'Add a file for Luma Ray', name: 'n8n', email: 'n8n@localhost' },
				{ field: 'files[]', fileName, mimeType, bytes, content: openLate(file.open) },
			),
			timeoutMs: UPLOAD_SILENCE_MS,
			totalMs: UPLOAD_SILENCE_MS + transferLimitMs(bytes),
			signal,
		});
	let result = await put();
	if (result.answered && result.status === 404) {
		const [namespace, name] = repository.split('/');
		await http.authenticated({
			method: 'POST',
			url: `${baseUrl}/api/repos`,
			body: { namespace, name, is_public: true },
			signal,
		});
		result = await put();
	}
	if (!result.answered) return unansweredReading(result, 'oxen');
	if (jsonOf(result)) return { ok: true, value: `${path}/${encodeURIComponent(fileName)}` };
	const because = oxenProblem(result.status, result.body);
	const { httpStatus } = because;
	const problem: Problem = { name: 'fileNotInRepository', data: { repository, because }, httpStatus };
	return unsuccessfulReading(result, problem, clock.now());
}
