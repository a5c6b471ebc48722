import type { IExecuteFunctions } from 'n8n-workflow';

import { offeredParameter, type Catalogue, type CatalogueEntry } from '../../models/catalogue';
import type { FileSource, StoredFile } from '../../models/files';
import { filesIn, PARAMETERS, type Input, type ParameterOfKind } from '../../models/parameters';
import type { OrderOptions } from '../../providers/provider';
import { fileFromItem, lateFile } from '../../transport/binaryFile';
import { fileFieldNames } from '../fileFields';
import { itemError } from '../itemError';
import { quoted } from '../messages/names';
import { filesTooLarge, noFileInField, refusedFile, type FilePlace } from '../messages/order';
import type { Message } from '../messages';
import { refusedValue } from '../messages/parameters';

/** Where a file that must be there can come from. */
export const FILE_SOURCES = ['url', 'binary'];

/** Reads a file out of a binary field of an item. */
export type ReadFile = (field: unknown, place: FilePlace) => Promise<FileSource>;

/**
 * Makes the reader of an item's files. It throws a NodeOperationError if the item has no such file, or one that the
 * provider does not take.
 */
export function fileReader(
	context: IExecuteFunctions,
	index: number,
	catalogue: Catalogue,
	{ imageRepository }: OrderOptions,
): ReadFile {
	return async (field, place) => {
		const file = typeof field === 'string' ? await fileFromItem(context, index, field) : undefined;
		if (!file) {
			const fields = Object.keys(context.getInputData()[index].binary ?? {});
			throw itemError(context, index, noFileInField(field, fields, place));
		}
		const largest = catalogue.maxFileBytes[place.kind];
		const most = imageRepository ? largest : (catalogue.maxInlineFileBytes ?? largest);
		const refused = refusedFile({ ...file, ...place, most }, catalogue);
		if (refused) throw itemError(context, index, refused);
		return file;
	};
}

/**
 * A file of an order: its address as the item has it, which is yet to be checked, or the item's file.
 * @throws NodeOperationError if its source is unknown, or as `readFile` does
 */
export async function readFileParameter(
	context: IExecuteFunctions,
	index: number,
	name: ParameterOfKind<'file'>,
	entry: CatalogueEntry,
	readFile: ReadFile,
): Promise<unknown> {
	const { label, file: kind } = PARAMETERS[name];
	const { source, sourceLabel, binaryField, binaryLabel } = fileFieldNames({ name, label });
	const from = context.getNodeParameter(source, index, 'url');
	const sources = [...(offeredParameter(entry, name)?.required ? [] : ['none']), ...FILE_SOURCES];
	// A file that is optional would be left out without a word.
	if (!sources.includes(from as string)) {
		throw itemError(context, index, refusedValue({ displayName: sourceLabel }, sources));
	}
	if (from === 'none') return undefined;
	if (from !== 'binary') return context.getNodeParameter(name, index, null);
	const place = { label: quoted(binaryLabel), address: label, kind };
	return await readFile(context.getNodeParameter(binaryField, index), place);
}

/**
 * A list of files: their addresses as the item has them, which are yet to be checked, and those of its binary fields that
 * an option names.
 * @throws NodeOperationError if the option is no text, or as `readFile` does
 */
export async function readFileList(
	context: IExecuteFunctions,
	index: number,
	name: ParameterOfKind<'files'>,
	readFile: ReadFile,
): Promise<unknown> {
	const { label, fromFields } = PARAMETERS[name];
	const addresses = context.getNodeParameter(name, index, null) as unknown;
	const options = context.getNodeParameter('options', index, {}) as { [option: string]: unknown };
	const fields = options[fromFields.name] ?? '';
	if (typeof fields !== 'string') {
		throw itemError(context, index, refusedValue({ displayName: fromFields.label }, 'text'));
	}
	const files: FileSource[] = [];
	for (const field of fields.split(',').map((one) => one.trim())) {
		if (field === '') continue;
		files.push(await readFile(field, { label: quoted(fromFields.label), address: label, kind: 'image' }));
	}
	if (files.length === 0) return addresses;
	// An expression that finds nothing yields null or undefined. Anything else is yet to be refused.
	const given = addresses ?? [];
	return Array.isArray(given) ? [...(given as unknown[]), ...files] : given;
}

/** Why the files of an order do not fit into one request, if they all have to go inside it. */
export function tooMuchInline(
	input: Input,
	{ name, maxInlineFileBytes: most }: Catalogue,
	{ imageRepository }: OrderOptions,
): Message | undefined {
	if (most === undefined || imageRepository) return undefined;
	const sizes = new Map(filesIn(input).map(({ identity, bytes }) => [identity, bytes]));
	const bytes = [...sizes.values()].reduce((sum, one) => sum + one, 0);
	return bytes > most ? filesTooLarge(bytes, most, name) : undefined;
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
