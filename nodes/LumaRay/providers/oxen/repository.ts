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
 * An upload to a repository fails after this many milliseconds without progress. It is long because the commit that
 * follows the upload takes time.
 */
const UPLOAD_SILENCE_MS = 300_000;

/**
 * Uploads a file to a repository. If the repository does not exist, creates it as a public one.
 * @returns the file's address
 */
export async function uploadInto(
	{ http, clock, baseUrl }: OxenWire,
	{ repository, branch }: { repository: string; branch: string },
	file: FileSource,
	signal: AbortSignal,
): Promise<Reading<string>> {
	// The path names the folder of the upload. Each file has its own folder, so files with the same name do not collide.
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
