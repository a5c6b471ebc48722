import { randomUUID } from 'node:crypto';

import { exactly, type FileContent, type Upload } from './upload';

export interface FormFile {
	field: string;
	fileName: string;
	mimeType: string;
	/** How many bytes `content` holds. */
	bytes: number;
	content: FileContent;
}

/**
 * A multipart/form-data body (RFC 7578) with text fields and one file. The file is read while the body is sent.
 * @param file its name and its MIME type may contain any characters
 */
export function multipart(fields: { [name: string]: string }, file: FormFile): Upload {
	const boundary = `----${randomUUID()}`;
	const texts = Object.entries(fields).map(
		([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
	);
	const disposition = `--${boundary}\r\ncontent-disposition: form-data; name="${file.field}"; filename="${quotable(file.fileName)}"\r\ncontent-type: ${quotable(file.mimeType)}\r\n\r\n`;
	const head = Buffer.from(texts.join('') + disposition);
	const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
	async function* content(): AsyncGenerator<Uint8Array> {
		yield head;
		yield* exactly(file.bytes, file.content);
		yield tail;
	}
	return {
		contentType: `multipart/form-data; boundary=${boundary}`,
		bytes: head.length + file.bytes + tail.length,
		content: content(),
	};
}

/** Escapes quotes and line breaks as browsers do (WHATWG HTML, "Multipart form data"). */
function quotable(value: string): string {
	return value.replace(/["\r\n]/g, encodeURIComponent);
}
