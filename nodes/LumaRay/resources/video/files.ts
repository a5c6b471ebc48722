import type { IExecuteFunctions } from 'n8n-workflow';

import { offeredParameter, type Catalogue } from '../../models/catalogue';
import type { FileKind, FileSource, StoredFile } from '../../models/files';
import type { ModelName } from '../../models/names';
import { PARAMETERS, type ParameterOfKind } from '../../models/parameters';
import type { OrderOptions } from '../../providers/provider';
import { fileFromItem, lateFile } from '../../transport/binaryFile';
import { fileFieldNames } from '../inputFields';
import { itemError } from '../itemError';
import { noFileInField, refusedFile } from '../messages/order';
import { refusedValue } from '../messages/parameters';

/**
 * A file of an order: its address as the item has it, which is yet to be checked, or the item's file.
 * @throws NodeOperationError if the item has no such file, or one that the provider does not take
 */
export async function readFile(
	context: IExecuteFunctions,
	index: number,
	name: ParameterOfKind<'file'>,
	model: ModelName,
	catalogue: Catalogue,
	{ imageRepository }: OrderOptions,
): Promise<unknown> {
	const { source, sourceLabel, binaryField } = fileFieldNames(name);
	const from = context.getNodeParameter(source, index, 'url');
	const isRequired = offeredParameter(catalogue.models[model], name)?.required;
	const sources = [...(isRequired ? [] : ['none']), 'url', 'binary'];
	// A file that is optional would be left out without a word.
	if (!sources.includes(from as string)) {
		throw itemError(context, index, refusedValue({ displayName: sourceLabel }, sources));
	}
	if (from === 'none') return undefined;
	if (from !== 'binary') {
		return context.getNodeParameter(name, index, null);
	}
	const field = context.getNodeParameter(binaryField, index) as unknown;
	const file = typeof field === 'string' ? await fileFromItem(context, index, field) : undefined;
	const kind: FileKind = PARAMETERS[name].file;
	if (!file) {
		const fields = Object.keys(context.getInputData()[index].binary ?? {});
		throw itemError(context, index, noFileInField(field, fields, kind));
	}
	const largest = catalogue.maxFileBytes[kind];
	const most = imageRepository ? largest : (catalogue.maxInlineFileBytes ?? largest);
	const refused = refusedFile({ ...file, name, most }, catalogue);
	if (refused) throw itemError(context, index, refused);
	return file;
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
