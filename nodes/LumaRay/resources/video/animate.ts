import { videoOperation } from './videoOperation';

export const animate = videoOperation({
	value: 'animate',
	name: 'Animate Image',
	action: 'Animate an image into a video',
	description: 'Make a video of 5 or 10 seconds that starts with an image',
});
