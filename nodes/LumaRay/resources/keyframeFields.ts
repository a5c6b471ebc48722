import type { INodeProperties } from 'n8n-workflow';

import { PARAMETERS, type ParameterOfKind } from '../models/parameters';
import { binaryFileFields, type FileRow } from './fileFields';

/** The image of a keyframe has the fields of an image. */
export const KEYFRAME_IMAGE: Pick<FileRow, 'name' | 'label' | 'file'> = {
	name: 'imageUrl',
	label: 'Image URL',
	file: 'image',
};
export const SECONDS_LABEL = 'Seconds';

/** The name of the list inside the value of the field. */
export const KEYFRAME_LIST = 'keyframe';

/**
 * The field of a list of keyframes. It is there twice: n8n rebuilds the value of a fixed collection from its fields, and
 * an expression in place of the list is lost on the way (n8n-workflow: getNodeParameters). A second, invisible field of
 * the same name passes on what the workflow holds.
 * @param isSource whether positions are those of a source video
 */
export function keyframeFields(
	name: ParameterOfKind<'keyframes'>,
	show: { [parameter: string]: Array<string | boolean> },
	isSource: boolean,
): INodeProperties[] {
	const { label: displayName, description, placeholder, button } = PARAMETERS[name];
	const displayOptions = { show };
	const image: FileRow = {
		...KEYFRAME_IMAGE,
		placeholder,
		description: 'URL of the image to show. The provider must be able to download it without signing in.',
		sourceDescription: 'Where to get the image',
	};
	const seconds: INodeProperties = {
		displayName: SECONDS_LABEL,
		name: 'seconds',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 3 },
		default: 0,
		description: `When to show the image, in seconds from the start of the ${isSource ? 'source video' : 'video'}`,
	};
	return [
		{
			displayName,
			name,
			type: 'fixedCollection',
			typeOptions: { multipleValues: true, multipleValueButtonText: button },
			placeholder: button,
			default: {},
			options: [
				{
					displayName: 'Keyframe',
					name: KEYFRAME_LIST,
					values: [...binaryFileFields(image, 'always', {}), seconds],
				},
			],
			displayOptions,
			description,
		},
		{ displayName, name, type: 'hidden', default: {}, displayOptions },
	];
}
