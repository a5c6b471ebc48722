import { createHash } from 'node:crypto';
import type { IBinaryData, IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';

/** An image that lies in the workflow's binary data. */
export interface ImageSource {
	fileName: string;
	mimeType: string;
	bytes: number;
	/** The same image has the same identity, so that a retry recognises its job. */
	identity: string;
	/** A fresh stream of the image, or its bytes where n8n holds it in memory. */
	open(): Promise<NonNullable<IHttpRequestOptions['body']>>;
	/** The whole image; for small ones only. */
	read(): Promise<Buffer>;
}

/**
 * Finds an image in an item's binary data. Nothing of it is read yet.
 * @returns undefined where the item has no such binary field
 */
export async function imageFromItem(
	context: IExecuteFunctions,
	itemIndex: number,
	field: string,
): Promise<ImageSource | undefined> {
	const binary = findBinary(context, itemIndex, field);
	if (!binary) return undefined;
	const read = async () => await context.helpers.getBinaryDataBuffer(itemIndex, field);
	const common = {
		fileName: binary.fileName ?? `image.${binary.fileExtension ?? 'png'}`,
		mimeType: binary.mimeType,
		read,
	};
	const { id } = binary;
	if (id) {
		const { fileSize } = await context.helpers.getBinaryMetadata(id);
		const open = async () => await context.helpers.getBinaryStream(id);
		return { ...common, bytes: fileSize, identity: id, open };
	}
	const identity = createHash('sha256').update(binary.data).digest('hex');
	return { ...common, bytes: Buffer.byteLength(binary.data, 'base64'), identity, open: read };
}

function findBinary(context: IExecuteFunctions, itemIndex: number, field: string): IBinaryData | undefined {
	try {
		return context.helpers.assertBinaryData(itemIndex, field);
	} catch {
		return undefined;
	}
}
