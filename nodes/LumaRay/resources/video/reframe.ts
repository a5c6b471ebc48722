import { videoOperation } from './videoOperation';

export const reframe = videoOperation({
	value: 'reframe',
	name: 'Reframe Video',
	action: 'Reframe a video',
	description: 'Give a video another shape, such as 9:16 for phones',
});
