import type { InputNames } from '../../ray/input';

/** fal's names of the model's inputs. */
export const INPUT_NAMES = {
	prompt: 'prompt',
	imageUrl: 'image_url',
	aspectRatio: 'aspect_ratio',
	resolution: 'resolution',
	duration: 'duration',
	loop: 'loop',
	referenceImageUrls: 'reference_image_urls',
} as const satisfies InputNames;
