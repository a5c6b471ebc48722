import type { IExecuteFunctions } from 'n8n-workflow';

import type { Catalogue } from '../../models/catalogue';
import type { FileKind, FileSource, StoredFile } from '../../models/files';
import { PARAMETERS, type ParameterOfKind } from '../../models/parameters';
import type { OrderOptions } from '../../providers/provider';
import { fileFromItem, lateFile } from '../../transport/binaryFile';
import { fileFieldNames } from '../inputFields';
import { itemError } from '../itemError';

const A: { readonly [Kind in FileKind]: string } = { image: 'an image', video: 'a video' };

/**
 * A file of an order: its address as the item has it, which is yet to be checked, or the item's file.
 * @throws NodeOperationError if the item has no such file, or one that the provider does not take
 */
export async function readFile(
	context: IExecuteFunctions,
	index: number,
	name: ParameterOfKind<'file'>,
	catalogue: Catalogue,
	{ imageRepository }: OrderOptions,
): Promise<unknown> {
	const { source, binaryField } = fileFieldNames(name);
	const from = context.getNodeParameter(source, index, 'url');
	if (from === 'none') return undefined;
	if (from !== 'binary') {
		return context.getNodeParameter(name, index, null);
	}
	const field = context.getNodeParameter(binaryField, index) as string;
	const file = await fileFromItem(context, index, field);
	const kind: FileKind = PARAMETERS[name].file;
	if (!file) {
		const message = `'Input Data Field Name' is "${field}", and the item has no file of that name`;
		throw itemError(context, index, message, whereFilesAre(context, index, kind));
	}
	const largest = catalogue.maxFileBytes[kind];
	const most = imageRepository ? largest : (catalogue.maxInlineFileBytes ?? largest);
	const refusal = whyRefused(file, most, catalogue.name, kind);
	if (refusal === undefined) return file;
	const message = `The binary field '${field}' of 'Input Data Field Name' ${refusal}`;
	throw itemError(context, index, message, remedyFor(file, catalogue, name));
}

/**
 * A file of an order that was paid for in an earlier try. It is needed only if the order is submitted again, so a store of
 * n8n's that does not answer now is no reason to fail.
 */
export async function rememberedFile(
	context: IExecuteFunctions,
	index: number,
	file: StoredFile,
): Promise<FileSource> {
	try {
		return (await fileFromItem(context, index, file.field)) ?? placedFile(file);
	} catch {
		const late = lateFile(context, index, file.field);
		return late ? { ...late, bytes: file.bytes } : placedFile(file);
	}
}

/** A file that the provider has already. It is not read again. */
export function placedFile(file: StoredFile): FileSource {
	const refuse = async () => await Promise.reject(new Error('the file was uploaded in an earlier pass'));
	return { ...file, open: refuse, read: refuse };
}

function whereFilesAre(context: IExecuteFunctions, index: number, kind: string): string {
	const fields = Object.keys(context.getInputData()[index].binary ?? {});
	return fields.length > 0
		? `The item has files in: ${fields.join(', ')}. Write the one that holds the ${kind} into 'Input Data Field Name'.`
		: `The item has no file at all. Put a node before this one that brings the ${kind}, such as On Form Submission with a file field, HTTP Request, Google Drive or Read/Write Files from Disk.`;
}

function whyRefused(
	{ bytes, mimeType }: FileSource,
	most: number,
	provider: string,
	kind: FileKind,
): string | undefined {
	if (bytes === 0) return 'is empty (0 bytes)';
	if (!mimeType.startsWith(`${kind}/`)) return `holds ${mimeType}, not ${A[kind]}`;
	return bytes > most ? `holds ${bytes} bytes; ${provider} takes up to ${most}` : undefined;
}

function remedyFor(
	{ bytes }: FileSource,
	{ maxFileBytes }: Catalogue,
	name: ParameterOfKind<'file'>,
): string {
	const { label } = PARAMETERS[name];
	const file: FileKind = PARAMETERS[name].file;
	if (bytes === 0) return 'Check what the node before this one puts into that field.';
	if (bytes > maxFileBytes[file]) return `Make the ${file} smaller, or give its address as ${label}.`;
	return `Put ${A[file]} into that field. One that is too large for the request goes through 'Repository' in the options (Oxen.ai), or by its address as ${label}.`;
}
