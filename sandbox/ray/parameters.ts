import type { Parameter } from './model';

/** The ratios of the pages at launch, which Oxen still documents. */
const RATIOS_AT_LAUNCH = [
	'3:1',
	'2:1',
	'21:9',
	'16:9',
	'4:3',
	'3:2',
	'1:1',
	'3:4',
	'2:3',
	'9:16',
	'1:2',
	'1:3',
];
const RATIOS = ['3:4', '4:3', '1:1', '9:16', '16:9', '21:9'];

export const EXAMPLE_PROMPT =
	'Low-angle shot of a majestic tiger prowling through a snowy landscape, leaving paw prints on the white blanket.';

export const required = (parameter: Parameter): Parameter => ({ ...parameter, required: true });
export const orNull = (parameter: Parameter): Parameter => ({ ...parameter, nullable: true });
/** The same field under another name. */
export const named = (name: string, parameter: Parameter): Parameter => ({
	...parameter,
	name,
	as: parameter.as ?? parameter.name,
});

export const promptAtLaunch: Parameter = {
	name: 'prompt',
	type: 'string',
	required: true,
	description: 'Text prompt describing the motion/scene to generate.',
};
export const prompt: Parameter = { ...promptAtLaunch, shortest: 1, longest: 6000 };

const address = (name: string, loads: Parameter['loads'], description: string): Parameter => ({
	name,
	type: 'string',
	shortest: 1,
	loads,
	description,
});

export const imageUrlAtLaunch: Parameter = {
	name: 'image_url',
	type: 'string',
	required: true,
	loads: 'image',
	description: 'URL of the source image the video starts from.',
};
export const imageUrl = address('image_url', 'image', 'URL of the image that is the first frame.');
export const endImageUrl = address(
	'end_image_url',
	'image',
	'URL of the image that is the last frame. Not together with keyframes.',
);
export const startImageUrl = address(
	'start_image_url',
	'image',
	'URL of an image for the first frame of the edited video. Not together with keyframes.',
);
export const videoUrl = address('video_url', 'video', 'URL of the source video.');

export const aspectRatioAtLaunch: Parameter = {
	name: 'aspect_ratio',
	type: 'string',
	options: RATIOS_AT_LAUNCH,
	default: '16:9',
	description: 'Aspect ratio of the generated video.',
};
export const aspectRatio: Parameter = { ...aspectRatioAtLaunch, options: RATIOS };
export const targetRatio: Parameter = {
	name: 'aspect_ratio',
	type: 'string',
	options: RATIOS,
	required: true,
	description: 'Aspect ratio of the reframed video.',
};

export const resolutionAtLaunch: Parameter = {
	name: 'resolution',
	type: 'string',
	options: ['540p', '720p', '1080p'],
	default: '540p',
	description: 'Resolution of the generated video (720p costs 2x, 1080p 4x).',
};
export const resolution: Parameter = {
	...resolutionAtLaunch,
	description: 'Resolution of the video. Higher resolutions cost more.',
};

export const durationAtLaunch: Parameter = {
	name: 'duration',
	type: 'string',
	options: ['5s', '10s'],
	default: '5s',
	description: 'Duration of the generated video (10s costs 2x).',
};
export const duration: Parameter = { ...durationAtLaunch, description: 'Duration of the video.' };
/** null: as long as the source. */
export const durationOrSource: Parameter = {
	name: 'duration',
	type: 'string',
	options: ['5s', '10s'],
	nullable: true,
	description: 'Duration of the reframed video. By default that of the source video.',
};

export const loop: Parameter = {
	name: 'loop',
	type: 'boolean',
	default: false,
	description: 'Whether the video should loop seamlessly. Not supported for 10s videos.',
};

export const referenceImageUrls: Parameter = {
	name: 'reference_image_urls',
	type: 'strings',
	nullable: 'undocumented',
	loads: 'image',
	description: 'Optional list of reference image URLs used to guide the generation.',
};

export const hdr: Parameter = {
	name: 'hdr',
	type: 'boolean',
	default: false,
	description: 'Makes an HDR video. Needs HDR access and 720p or 1080p.',
};
export const exrExport: Parameter = {
	name: 'exr_export',
	type: 'boolean',
	default: false,
	description: 'Exports an EXR file beside the video. Needs hdr.',
};

export const keyframes: Parameter = {
	name: 'keyframes',
	type: 'strings',
	nullable: true,
	shortest: 1,
	longest: 64,
	loads: 'image',
	description: 'URLs of 1 to 64 images, at the frames that keyframe_indexes gives.',
};
export const keyframeIndexes: Parameter = {
	name: 'keyframe_indexes',
	type: 'integers',
	nullable: true,
	least: 0,
	description: 'The frame of each keyframe, at 24 frames a second. Unique, and as many as keyframes.',
};

export const user: Parameter = {
	name: 'user',
	type: 'string',
	nullable: true,
	description: 'Opaque id of the end user.',
};

const strengths = (word: string) => [1, 2, 3].map((step) => `${word}_${step}`);
export const editStrength: Parameter = {
	name: 'edit_strength',
	type: 'string',
	nullable: true,
	options: ['adhere', 'flex', 'reimagine'].flatMap(strengths),
	description: 'How closely the edit follows the source video. Not together with auto_controls.',
};
export const autoControls: Parameter = {
	name: 'auto_controls',
	type: 'boolean',
	default: false,
	description: 'Derives the controls from the source video. Not together with edit_strength or controls.',
};

const signal = (name: string, more: Parameter[] = []): Parameter => ({
	name,
	type: 'object',
	nullable: true,
	description: `Control by ${name}.`,
	properties: [
		{ name: 'enabled', type: 'boolean', default: true, description: 'Whether it is used.' },
		...more,
	],
});
/** The range from 0 to 1 is from Luma's own SDK. */
const share = (name: string): Parameter => ({
	name,
	type: 'number',
	nullable: true,
	least: 0,
	most: 1,
	description: `The ${name}, from 0 to 1.`,
});
export const controls: Parameter = {
	name: 'controls',
	type: 'object',
	nullable: true,
	description: 'Controls one by one. Not together with auto_controls.',
	properties: [
		signal('depth', [share('blur')]),
		signal('face'),
		signal('normals', [share('augmentation')]),
		signal('pose', [
			{
				name: 'strength',
				type: 'string',
				nullable: true,
				options: ['precise', 'coarse'],
				description: 'How closely the pose is followed.',
			},
		]),
		signal('trajectory', [share('sparsity')]),
	],
};

const coordinate = (name: string, description: string): Parameter => ({
	name,
	type: 'number',
	required: true,
	description,
});
export const sourcePosition: Parameter = {
	name: 'source_position',
	type: 'object',
	nullable: true,
	description: 'Where the source video is in the picture, as shares of its size.',
	properties: [
		coordinate('x_norm', 'Left edge.'),
		coordinate('y_norm', 'Top edge.'),
		coordinate('w_norm', 'Width.'),
		coordinate('h_norm', 'Height.'),
	],
};
