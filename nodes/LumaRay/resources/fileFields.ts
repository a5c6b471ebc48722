import type { INodeProperties } from 'n8n-workflow';

import type { FileKind } from '../models/files';

/** The fields of a file, which is provided as a URL or as binary data of the item. */

/** The text in the fields of a file. */
export interface FileRow {
	/** The parameter that contains the URL. */
	name: string;
	/** The label of that parameter, such as `Image URL`. */
	label: string;
	file: FileKind;
	placeholder: string;
	description: string;
	/** The description of the field that selects URL or binary data. */
	sourceDescription: string;
}

/** The names and labels of the fields next to the URL: the source of the file, and the binary field that contains it. */
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
 * @param need `sometimes`: n8n must not require the URL, because the fields also exist when an expression decides
 * whether they are shown; `never`: the file is optional
 * @param show the values of other fields that make these fields visible
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
			// Agents provide text, not files.
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
			// `hide`, so that the field exists even if the source field does not.
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
