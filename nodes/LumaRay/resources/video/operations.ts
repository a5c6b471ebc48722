import { MODEL_NAMES, type ModelName } from '../../models/names';
import { videoOperation, type OperationTexts } from './videoOperation';

/** How the form shows the operation that orders from a model. */
const TEXTS: { readonly [Name in ModelName]: OperationTexts } = {
	animate: {
		name: 'Animate Image',
		action: 'Animate image',
		description: 'Make a video of 5 or 10 seconds from one or more images and a prompt',
	},
	generate: {
		name: 'Generate From Text',
		action: 'Generate video from text',
		description: 'Make a video of 5 or 10 seconds from a prompt alone',
		parameters: {
			prompt: {
				placeholder: 'e.g. A tiger walks through tall grass at sunrise. Slow push-in.',
				description: 'What the video shows, and how the subject and the camera move',
			},
		},
	},
	edit: {
		name: 'Edit Video',
		action: 'Edit video',
		description: 'Make a new video of 5 or 10 seconds from a source video and a prompt',
		parameters: {
			imageUrl: {
				description:
					'URL of the image to use as the first frame of the new video. The provider must be able to download it without signing in.',
				sourceDescription: 'Where to get the image to use as the first frame of the new video',
			},
			prompt: {
				placeholder: 'e.g. Turn the street into a snowy winter evening',
				description: 'What to change in the source video',
			},
		},
	},
	reframe: {
		name: 'Reframe Video',
		action: 'Reframe video',
		description: 'Change the aspect ratio of a video, such as to 9:16 for phones',
		parameters: {
			prompt: {
				placeholder: 'e.g. The beach and the sky continue beyond the source video',
				description: 'What to show around the source video, where the new shape adds space',
			},
		},
	},
};

/** The operations that order videos, one for each model, in the order of the models. */
export const videoOperations = MODEL_NAMES.map((model) => videoOperation(model, TEXTS[model]));
