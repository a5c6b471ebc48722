import { videoOperation } from './videoOperation';

export const generate = videoOperation({
	value: 'generate',
	name: 'Generate From Text',
	action: 'Generate a video from text',
	description: 'Make a video of 5 or 10 seconds from a prompt alone',
});
