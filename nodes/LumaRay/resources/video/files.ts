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

/** The sources of a required file. */
export const FILE_SOURCES = ['url', 'binary'];

/** Reads a file from a binary field of an item. */
export type ReadFile = (field: unknown, place: FilePlace) => Promise<FileSource>;

/**
 * Creates the reader of an item's files. It throws a NodeOperationError if the item has no such file, or if the provider
 * does not accept it.
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
 * A file of an order: the item's file, or its URL, which is not checked yet.
 * @throws NodeOperationError if its source is unknown, or if `readFile` throws
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
	// Without this check, an optional file would be silently left out.
	if (!sources.includes(from as string)) {
		throw itemError(context, index, refusedValue({ displayName: sourceLabel }, sources));
	}
	if (from === 'none') return undefined;
	if (from !== 'binary') return context.getNodeParameter(name, index, null);
	const place = { label: quoted(binaryLabel), address: label, kind };
	return await readFile(context.getNodeParameter(binaryField, index), place);
}

/**
 * A list of files: the item's URLs, which are not checked yet, and the files in the binary fields of an option.
 * @throws NodeOperationError if the option is not text, or if `readFile` throws
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
	// An expression that finds nothing yields null or undefined. Anything else is refused later.
	const given = addresses ?? [];
	return Array.isArray(given) ? [...(given as unknown[]), ...files] : given;
}

/** The message if the files of an order must be sent in one request and do not fit. */
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
 * A file of an order that an earlier try paid for. It is needed only if the order is submitted again, so this does not
 * fail if n8n's binary store does not answer now.
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

/** A file that the provider already has. It is not read again. */
export function placedFile(file: StoredFile): FileSource {
	const refuse = async () => await Promise.reject(new Error('the file was uploaded in an earlier pass'));
	return { ...file, open: refuse, read: refuse };
}
