import { MODEL_NAMES, type ModelName } from '../../models/names';
import { videoOperation, type OperationNames } from './videoOperation';

/** What the form calls the operation that orders from a model. */
const NAMES: { readonly [Name in ModelName]: OperationNames } = {
	animate: {
		name: 'Animate Image',
		action: 'Animate image',
		description: 'Make a video of 5 or 10 seconds that starts with an image',
	},
	generate: {
		name: 'Generate From Text',
		action: 'Generate video from text',
		description: 'Make a video of 5 or 10 seconds from a prompt alone',
	},
	edit: {
		name: 'Edit Video',
		action: 'Edit video',
		description: 'Make a new video of 5 or 10 seconds from a source video and a prompt',
	},
	reframe: {
		name: 'Reframe Video',
		action: 'Reframe video',
		description: 'Give a video another shape, such as 9:16 for phones',
	},
};

/** The operations that order videos, one for each model, in the order of the models. */
export const videoOperations = MODEL_NAMES.map((model) => videoOperation(model, NAMES[model]));
