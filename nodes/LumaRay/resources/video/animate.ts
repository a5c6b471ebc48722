import { TABLES } from '../../ray/tables';
import {
	aspectRatioField,
	durationField,
	imageFields,
	loopField,
	promptField,
	referenceImagesField,
	resolutionField,
} from '../fields';
import { videoOperation } from './videoOperation';

export const animate = videoOperation({
	value: 'animate',
	name: 'Animate Image',
	action: 'Animate an image into a video',
	description: 'Make a video of 5 or 10 seconds that starts with an image',
	tables: TABLES,
	fields: [
		...imageFields,
		promptField,
		aspectRatioField,
		resolutionField,
		durationField,
		loopField,
		referenceImagesField,
	],
});
