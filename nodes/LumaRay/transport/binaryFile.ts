import { createHash } from 'node:crypto';
import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import type { FileSource } from '../models/files';

/**
 * Finds a file in an item's binary data, without reading its content.
 * @returns undefined if the item has no such binary field
 */
export async function fileFromItem(
	context: IExecuteFunctions,
	itemIndex: number,
	field: string,
): Promise<FileSource | undefined> {
	const file = lateFile(context, itemIndex, field);
	const { id } = findBinary(context, itemIndex, field) ?? {};
	if (!file || !id) return file;
	const { fileSize } = await context.helpers.getBinaryMetadata(id);
	return { ...file, bytes: fileSize };
}

/**
 * Finds the file without a request to n8n's binary store. If the file is in the store, its size is 0.
 * @returns undefined if the item has no such binary field
 */
export function lateFile(
	context: IExecuteFunctions,
	itemIndex: number,
	field: string,
): FileSource | undefined {
	const binary = findBinary(context, itemIndex, field);
	if (!binary) return undefined;
	const { id, data } = binary;
	const read = async () => await context.helpers.getBinaryDataBuffer(itemIndex, field);
	return {
		field,
		fileName: oneLine(binary.fileName ?? `file.${binary.fileExtension ?? 'bin'}`),
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

/** The `type/subtype` of a MIME type. A MIME type from an earlier node may have parameters, or a line break. */
function typeIn(mimeType: string | undefined): string {
	return /^\s*([\w.+-]+\/[\w.+-]+)/.exec(mimeType ?? '')?.[1] ?? 'application/octet-stream';
}

function oneLine(fileName: string): string {
	return fileName.replace(/\p{Cc}/gu, '_');
}
