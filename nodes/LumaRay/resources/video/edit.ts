import { videoOperation } from './videoOperation';

export const edit = videoOperation({
	value: 'edit',
	name: 'Edit Video',
	action: 'Edit a video',
	description: 'Make a new video of 5 or 10 seconds from a source video and a prompt',
});
