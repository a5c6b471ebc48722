import type { IExecuteFunctions } from 'n8n-workflow';

import { checkImageUrl } from '../../ray/input';
import type { RayTable } from '../../ray/table';
import { imageFromItem, lateImage, type ImageSource } from '../../transport/image';
import { itemError } from '../itemError';

/**
 * The image that an item's video starts with: its URL, or the item's file.
 * @param goesToRepository whether it is uploaded on its own, where larger ones are taken than inside a request
 * @throws NodeOperationError where there is none, or none that the provider takes
 */
export async function readImage(
	context: IExecuteFunctions,
	index: number,
	table: RayTable,
	goesToRepository: boolean,
): Promise<string | ImageSource> {
	if (context.getNodeParameter('imageSource', index, 'url') !== 'binary') {
		const url = checkImageUrl(context.getNodeParameter('imageUrl', index, null));
		if (url.ok) return url.value;
		throw itemError(context, index, url.violation.message, url.violation.description);
	}
	const field = context.getNodeParameter('imageBinaryField', index) as string;
	const image = await imageFromItem(context, index, field);
	if (!image) {
		const message = `'Input Data Field Name' is "${field}", and the item has no file of that name`;
		throw itemError(context, index, message, whereFilesAre(context, index));
	}
	const most = goesToRepository ? table.maxImageBytes : (table.maxInlineImageBytes ?? table.maxImageBytes);
	const refusal = whyRefused(image, most, table.name);
	if (refusal === undefined) return image;
	const message = `The binary field '${field}' of 'Input Data Field Name' ${refusal}`;
	throw itemError(context, index, message, remedyFor(image, table));
}

/** Stands for the image of an order that was submitted before: nothing reads it again. */
export const PLACED_IMAGE: ImageSource = {
	fileName: '',
	mimeType: '',
	bytes: 0,
	identity: '',
	open: async () => await Promise.reject(new Error('the image was placed in an earlier pass')),
	read: async () => await Promise.reject(new Error('the image was placed in an earlier pass')),
};

/**
 * The image in the item's binary data, for an order that was paid for in an earlier try. It is needed only if the order
 * is submitted again, so a store of n8n's that does not answer now is no reason to fail.
 */
export async function rememberedImage(context: IExecuteFunctions, index: number): Promise<ImageSource> {
	const field = context.getNodeParameter('imageBinaryField', index, 'data') as string;
	try {
		return (await imageFromItem(context, index, field)) ?? PLACED_IMAGE;
	} catch {
		return lateImage(context, index, field) ?? PLACED_IMAGE;
	}
}

function whereFilesAre(context: IExecuteFunctions, index: number): string {
	const fields = Object.keys(context.getInputData()[index].binary ?? {});
	return fields.length > 0
		? `The item has files in: ${fields.join(', ')}. Write the one that holds the image into 'Input Data Field Name'.`
		: 'The item has no file at all. Put a node before this one that brings the image, such as On Form Submission with a file field, HTTP Request, Google Drive or Read/Write Files from Disk.';
}

function whyRefused({ bytes, mimeType }: ImageSource, most: number, provider: string): string | undefined {
	if (bytes === 0) return 'is empty (0 bytes)';
	if (!mimeType.startsWith('image/')) return `holds ${mimeType}, not an image`;
	return bytes > most ? `holds ${bytes} bytes; ${provider} takes up to ${most}` : undefined;
}

function remedyFor({ bytes }: ImageSource, { maxImageBytes }: RayTable): string {
	if (bytes === 0) return 'Check what the node before this one puts into that field.';
	if (bytes > maxImageBytes) return 'Make the image smaller, or give its address as Image URL.';
	return "Put an image into that field. One that is too large for the request goes through 'Repository' in the options (Oxen.ai), or by its address as Image URL.";
}
