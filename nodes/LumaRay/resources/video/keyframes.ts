import type { IExecuteFunctions } from 'n8n-workflow';

import { PARAMETERS, type ParameterOfKind } from '../../models/parameters';
import { fileFieldNames } from '../fileFields';
import { itemError } from '../itemError';
import { KEYFRAME_IMAGE, KEYFRAME_LIST } from '../keyframeFields';
import { quoted } from '../messages/names';
import { refusedValue } from '../messages/parameters';
import { FILE_SOURCES, type ReadFile } from './files';

type Entry = { [field: string]: unknown };

/**
 * The keyframes of an item, from the form or an expression. They are not checked yet.
 * @param readFile reads a file from a binary field of the item
 * @returns null if an expression returns nothing
 * @throws NodeOperationError if the item lacks a file, or if the provider does not accept it
 */
export async function readKeyframes(
	context: IExecuteFunctions,
	index: number,
	name: ParameterOfKind<'keyframes'>,
	readFile: ReadFile,
): Promise<unknown> {
	const value = context.getNodeParameter(name, index, {}) as unknown;
	const list = listIn(value) ?? null;
	if (!Array.isArray(list)) return list;
	const isOfForm = Array.isArray(listIn(context.getNode().parameters[name]));
	const keyframes: unknown[] = [];
	for (const [place, entry] of (list as unknown[]).entries()) {
		if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
			keyframes.push(entry);
			continue;
		}
		// n8n leaves out fields that have their default.
		const given: Entry = isOfForm ? { seconds: 0, ...entry } : { ...entry };
		const where = ` of entry ${place + 1} of ${quoted(PARAMETERS[name].label)}`;
		keyframes.push(await readKeyframe(context, index, given, where, readFile));
	}
	return keyframes;
}

/** The list in the value of the field, or the result of an expression. */
function listIn(value: unknown): unknown {
	if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
	if (Object.keys(value).length === 0) return [];
	return KEYFRAME_LIST in value ? value[KEYFRAME_LIST] : value;
}

async function readKeyframe(
	context: IExecuteFunctions,
	index: number,
	entry: Entry,
	where: string,
	readFile: ReadFile,
): Promise<unknown> {
	const { source, sourceLabel, binaryField, binaryLabel } = fileFieldNames(KEYFRAME_IMAGE);
	const { name, label, file } = KEYFRAME_IMAGE;
	const from = entry[source] ?? 'url';
	if (!FILE_SOURCES.includes(from as string)) {
		throw itemError(context, index, refusedValue({ displayName: sourceLabel }, FILE_SOURCES, where));
	}
	const { seconds } = entry;
	if (from === 'url') return { imageUrl: entry[name], seconds };
	const place = { label: quoted(binaryLabel) + where, address: label, kind: file };
	return { imageUrl: await readFile(entry[binaryField] ?? 'data', place), seconds };
}
