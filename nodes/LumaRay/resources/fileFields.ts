import type { INodeProperties } from 'n8n-workflow';

import type { FileKind } from '../models/files';

/** The fields of a file, which comes by its address or from the item's binary data. */

/** A file as its fields show it. */
export interface FileRow {
	/** The parameter that holds the address. */
	name: string;
	/** Of that field, such as `Image URL`. */
	label: string;
	file: FileKind;
	placeholder: string;
	description: string;
	/** Of the field that chooses between an address and binary data. */
	sourceDescription: string;
}

/** The names and labels of the fields beside the address: which way the file comes, and the binary field that holds it. */
export function fileFieldNames({ name, label }: Pick<FileRow, 'name' | 'label'>) {
	const stem = name.replace(/Url$/, '');
	return {
		source: `${stem}Source`,
		sourceLabel: label.replace(/URL$/, 'Source'),
		binaryField: `${stem}BinaryField`,
		binaryLabel: label.replace(/URL$/, 'Data Field Name'),
	};
}

/**
 * The fields of one file.
 * @param need `sometimes`: n8n must not insist on the address, since the fields are also there if an expression decides
 * whether they are; `never`: there may be no file
 * @param show under which values of other fields they are shown
 */
export function binaryFileFields(
	row: FileRow,
	need: 'always' | 'sometimes' | 'never',
	show: { [parameter: string]: Array<string | boolean> },
): INodeProperties[] {
	const { name, label, file, placeholder, description, sourceDescription } = row;
	const { source, sourceLabel, binaryField, binaryLabel } = fileFieldNames(row);
	const required = need !== 'never';
	const preset = required ? 'url' : 'none';
	return [
		{
			displayName: sourceLabel,
			name: source,
			type: 'options',
			options: [
				...(required ? [] : [{ name: 'None', value: 'none', description: `No ${file}` }]),
				{ name: 'URL', value: 'url', description: 'A URL that the provider can download from' },
				{
					name: 'Binary Data',
					value: 'binary',
					description: 'A file from an earlier node. This node uploads it to the provider.',
				},
			],
			default: preset,
			// Agents hand over text, no files.
			displayOptions: { show: { ...show, '@tool': [false] } },
			description: sourceDescription,
		},
		{
			displayName: label,
			name,
			type: 'string',
			default: '',
			required: need === 'always',
			placeholder,
			// `hide`, so that it is there if the source is not.
			displayOptions: { show, hide: { [source]: required ? ['binary'] : ['binary', 'none'] } },
			description,
		},
		{
			displayName: binaryLabel,
			name: binaryField,
			type: 'string',
			default: 'data',
			required: true,
			displayOptions: { show: { ...show, [source]: ['binary'] } },
			hint: `The name of the input field containing the binary ${file} data`,
		},
	];
}
