import { createHash } from 'node:crypto';
import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import type { Chunks } from './nodeStream';

/** An image that lies in the workflow's binary data. */
export interface ImageSource {
	/** Without control characters. */
	fileName: string;
	/** `type/subtype` and nothing else, fit for a header. */
	mimeType: string;
	bytes: number;
	/** The same image has the same identity, so that a retry recognises its job. */
	identity: string;
	/** A fresh stream of the image, or its bytes where n8n holds it in memory. */
	open(): Promise<Buffer | Chunks>;
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
	const image = lateImage(context, itemIndex, field);
	const { id } = findBinary(context, itemIndex, field) ?? {};
	if (!image || !id) return image;
	const { fileSize } = await context.helpers.getBinaryMetadata(id);
	return { ...image, bytes: fileSize };
}

/**
 * The same, without asking n8n's store for anything yet; the size of an image that is in the store is 0.
 * @returns undefined if the item has no such binary field
 */
export function lateImage(
	context: IExecuteFunctions,
	itemIndex: number,
	field: string,
): ImageSource | undefined {
	const binary = findBinary(context, itemIndex, field);
	if (!binary) return undefined;
	const { id, data } = binary;
	const read = async () => await context.helpers.getBinaryDataBuffer(itemIndex, field);
	return {
		fileName: oneLine(binary.fileName ?? `image.${binary.fileExtension ?? 'png'}`),
		mimeType: typeIn(binary.mimeType),
		bytes: id ? 0 : Buffer.byteLength(data, 'base64'),
		identity: id ?? createHash('sha256').update(data).digest('hex'),
		open: id ? async () => await context.helpers.getBinaryStream(id) : read,
		read,
	};
}

function findBinary(context: IExecuteFunctions, itemIndex: number, field: string): IBinaryData | undefined {
	try {
		return context.helpers.assertBinaryData(itemIndex, field);
	} catch {
		return undefined;
	}
}

/** The type that a MIME type begins with: what an earlier node wrote may hold parameters, or a line break. */
function typeIn(mimeType: string | undefined): string {
	return /^\s*([\w.+-]+\/[\w.+-]+)/.exec(mimeType ?? '')?.[1] ?? 'application/octet-stream';
}

function oneLine(fileName: string): string {
	return fileName.replace(/\p{Cc}/gu, '_');
}
