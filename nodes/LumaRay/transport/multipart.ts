import { randomUUID } from 'node:crypto';

export interface FormFile {
	field: string;
	fileName: string;
	mimeType: string;
	bytes: Buffer;
}

/** A multipart/form-data body (RFC 7578) of some text fields and one file, and the content type that announces it. */
export function multipart(
	fields: { [name: string]: string },
	file: FormFile,
): { contentType: string; body: Buffer } {
	const boundary = `----${randomUUID()}`;
	const texts = Object.entries(fields).map(
		([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
	);
	const head = `--${boundary}\r\ncontent-disposition: form-data; name="${file.field}"; filename="${file.fileName}"\r\ncontent-type: ${file.mimeType}\r\n\r\n`;
	const body = Buffer.concat([
		Buffer.from(texts.join('') + head),
		file.bytes,
		Buffer.from(`\r\n--${boundary}--\r\n`),
	]);
	return { contentType: `multipart/form-data; boundary=${boundary}`, body };
}
