import type { InputNames } from '../../ray/input';

/** Oxen's names of the model's inputs. */
export const INPUT_NAMES = {
	prompt: 'prompt',
	imageUrl: 'input_image',
	aspectRatio: 'aspect_ratio',
	resolution: 'resolution',
	duration: 'duration',
	loop: 'loop',
	referenceImageUrls: 'reference_image_urls',
} as const satisfies InputNames;
