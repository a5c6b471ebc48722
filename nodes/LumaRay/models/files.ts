/** The kinds of files in an order. */
export type FileKind = 'image' | 'video';

/** A file of the workflow's binary data, in a form that can be saved with the execution. */
export interface StoredFile {
	/** The item's binary field with the file. */
	field: string;
	/** Without control characters. */
	fileName: string;
	/** Only `type/subtype`, so that it is safe in a header. */
	mimeType: string;
	/** Size in bytes. */
	bytes: number;
	/** The same file always has the same identity, so that a retry recognizes its job. */
	identity: string;
}

/** A file of the workflow's binary data to send to a provider. */
export interface FileSource extends StoredFile {
	/** A new stream of the file, or its bytes if n8n has it in memory. */
	open(): Promise<Buffer | AsyncIterable<Uint8Array>>;
	/** Reads the whole file. Only for small files. */
	read(): Promise<Buffer>;
}

/** Where a provider can reach the files, by the identity of each file: addresses, or data URIs. */
export interface Addresses {
	[identity: string]: string;
}
