import { randomUUID } from 'node:crypto';

export interface FormFile {
	field: string;
	fileName: string;
	mimeType: string;
	bytes: Buffer;
}

/**
 * A multipart/form-data body (RFC 7578) of some text fields and one file, and the content type that announces it.
 * @param file its name and its MIME type may hold anything
 */
export function multipart(
	fields: { [name: string]: string },
	file: FormFile,
): { contentType: string; body: Buffer } {
	const boundary = `----${randomUUID()}`;
	const texts = Object.entries(fields).map(
		([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
	);
	const head = `--${boundary}\r\ncontent-disposition: form-data; name="${file.field}"; filename="${quotable(file.fileName)}"\r\ncontent-type: ${quotable(file.mimeType)}\r\n\r\n`;
	const body = Buffer.concat([
		Buffer.from(texts.join('') + head),
		file.bytes,
		Buffer.from(`\r\n--${boundary}--\r\n`),
	]);
	return { contentType: `multipart/form-data; boundary=${boundary}`, body };
}

/** As browsers write it (WHATWG HTML, "Multipart form data"), so that nothing ends its quotes or its line. */
function quotable(value: string): string {
	return value.replace(/["\r\n]/g, encodeURIComponent);
}
