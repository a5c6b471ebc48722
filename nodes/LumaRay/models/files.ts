/** What a file of an order holds. */
export type FileKind = 'image' | 'video';

/** A file of the workflow's binary data, as it can be saved with the execution. */
export interface StoredFile {
	/** The binary field of the item that holds it. */
	field: string;
	/** Without control characters. */
	fileName: string;
	/** `type/subtype` and nothing else, fit for a header. */
	mimeType: string;
	/** Size in bytes. */
	bytes: number;
	/** The same file has the same identity, so that a retry recognizes its job. */
	identity: string;
}

/** A file of the workflow's binary data that a provider must be given. */
export interface FileSource extends StoredFile {
	/** A new stream of the file, or its bytes if n8n holds it in memory. */
	open(): Promise<Buffer | AsyncIterable<Uint8Array>>;
	/** The whole file; for small ones only. */
	read(): Promise<Buffer>;
}

/** The addresses that a provider was given files under, by the identity of the file. */
export interface Addresses {
	[identity: string]: string;
}
