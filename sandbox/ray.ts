/**
 * Luma Ray 3.2 (image to video) as both providers document it, written down independently of the package
 * under test: were the two to share one table, a mistake in it would never show.
 * Source: the model's pages at fal.ai and docs.oxen.ai.
 */
export const FAL_ENDPOINT_ID = 'luma/agent/ray/v3.2/image-to-video';
export const OXEN_MODEL_ID = 'luma-ray-v3-2-image-to-video';

export const EXAMPLE_PROMPT =
	'Low-angle shot of a majestic tiger prowling through a snowy landscape, leaving paw prints on the white blanket.';

export interface Parameter {
	name: string;
	type: 'string' | 'boolean' | 'strings';
	required?: boolean;
	options?: readonly string[];
	default?: string | boolean;
	description: string;
}

/** What both providers take, apart from the source image: fal says `image_url`, Oxen says `input_image`. */
const COMMON_PARAMETERS: readonly Parameter[] = [
	{
		name: 'aspect_ratio',
		type: 'string',
		options: ['3:1', '2:1', '21:9', '16:9', '4:3', '3:2', '1:1', '3:4', '2:3', '9:16', '1:2', '1:3'],
		default: '16:9',
		description: 'Aspect ratio of the generated video.',
	},
	{
		name: 'resolution',
		type: 'string',
		options: ['540p', '720p', '1080p'],
		default: '540p',
		description: 'Resolution of the generated video (720p costs 2x, 1080p 4x).',
	},
	{
		name: 'duration',
		type: 'string',
		options: ['5s', '10s'],
		default: '5s',
		description: 'Duration of the generated video (10s costs 2x).',
	},
	{
		name: 'loop',
		type: 'boolean',
		default: false,
		description: 'Whether the video should loop seamlessly. Not supported for 10s videos.',
	},
	{
		name: 'reference_image_urls',
		type: 'strings',
		description: 'Optional list of reference image URLs used to guide the generation.',
	},
];

export function parametersWithImageAs(imageName: string): readonly Parameter[] {
	return [
		{
			name: 'prompt',
			type: 'string',
			required: true,
			description: 'Text prompt describing the motion/scene to generate.',
		},
		{
			name: imageName,
			type: 'string',
			required: true,
			description: 'URL of the source image the video starts from.',
		},
		...COMMON_PARAMETERS,
	];
}

/** What kind of clip a job makes; it decides the sample that is served and the price. */
export interface Clip {
	aspectRatio: string;
	resolution: string;
	duration: string;
}

export function clipOf(input: Record<string, unknown>): Clip {
	const chosen = (name: string) => {
		const { options, default: fallback } = COMMON_PARAMETERS.find((parameter) => parameter.name === name)!;
		return options!.includes(input[name] as string) ? (input[name] as string) : (fallback as string);
	};
	return {
		aspectRatio: chosen('aspect_ratio'),
		resolution: chosen('resolution'),
		duration: chosen('duration'),
	};
}

/** Dollars for the cheapest clip: 540p, 5 s. */
export const UNIT_PRICE_USD = 0.5;

/** How many times the cheapest clip's price a clip costs. */
export function billableUnits({ resolution, duration }: Clip): number {
	const byResolution: Record<string, number> = { '540p': 1, '720p': 2, '1080p': 4 };
	return byResolution[resolution] * (duration === '10s' ? 2 : 1);
}

export function priceUsd(clip: Clip): number {
	return billableUnits(clip) * UNIT_PRICE_USD;
}
