import type { Catalogue, Edition, Rule } from '../../models/catalogue';
import { EDIT_STRENGTH } from '../wireForms';

/** Luma Ray 3.2 at Oxen.ai. Its pages have no dates; they were read on 2026-11-21. */

const ALL_RATIOS = ['3:1', '2:1', '21:9', '16:9', '4:3', '3:2', '1:1', '3:4', '2:3', '9:16', '1:2', '1:3'];
const STRENGTHS = ['adhere', 'flex', 'reimagine'].flatMap((kind) =>
	[1, 2, 3].map((step) => `${kind}_${step}`),
);

const LAUNCH = { id: 'launch', date: '2026-11-21' } as const;
const pageOf = (model: string) => `https://docs.oxen.ai: ${model}`;
/** Oxen's pages give no prices; its models API does. */
const UNPUBLISHED = { per: 'clip', usd: {} } as const;
const UNPUBLISHED_PER_SECOND = { per: 'second', usd: {} } as const;

const prompt = { wire: 'prompt', required: true } as const;
const resolution = { wire: 'resolution', options: ['540p', '720p', '1080p'] };
const duration = { wire: 'duration', options: ['5s', '10s'] };
const inputVideo = { wire: 'input_video', required: true } as const;

const HDR = { parameter: 'hdr', is: [true] } as const;
const NO_LONG_LOOP: Rule = {
	if: { parameter: 'loop', is: [true] },
	not: { parameter: 'duration', is: ['10s'] },
};

const imageToVideo: Edition = {
	...LAUNCH,
	// Oxen gives only the proportions of the prices (720p twice, 1080p four times, 10s twice) and says that fal serves
	// the model, so these are fal's prices.
	source: 'https://docs.oxen.ai (proportions) and https://fal.ai/models/luma/agent/ray/v3.2/image-to-video',
	parameters: {
		imageUrl: { wire: 'input_image', required: true },
		prompt,
		aspectRatio: { wire: 'aspect_ratio', options: ALL_RATIOS },
		resolution,
		duration,
		loop: { wire: 'loop' },
		referenceImageUrls: { wire: 'reference_image_urls' },
	},
	rules: [NO_LONG_LOOP],
	prices: {
		per: 'clip',
		usd: {
			'540p': { '5s': 0.5, '10s': 1 },
			'720p': { '5s': 1, '10s': 2 },
			'1080p': { '5s': 2, '10s': 4 },
		},
	},
};

/** Its page shows the 12 ratios and mentions reference images. The rest is assumed to be as in image to video. */
const textToVideo: Edition = {
	...LAUNCH,
	source: pageOf('luma-ray-v3-2-text-to-video'),
	parameters: {
		prompt,
		aspectRatio: { wire: 'aspect_ratio', options: ALL_RATIOS },
		resolution,
		duration,
		loop: { wire: 'loop' },
		referenceImageUrls: { wire: 'reference_image_urls' },
	},
	rules: [NO_LONG_LOOP],
	prices: UNPUBLISHED,
};

/** Its page does not mention controls or keyframes. */
const videoToVideo: Edition = {
	...LAUNCH,
	source: pageOf('luma-ray-v3-2-video-to-video'),
	parameters: {
		videoUrl: inputVideo,
		imageUrl: { wire: 'input_image' },
		prompt,
		resolution,
		duration,
		editStrength: { wire: EDIT_STRENGTH, options: ['auto', ...STRENGTHS] },
		hdr: { wire: 'hdr' },
		exrExport: { wire: 'exr_export' },
	},
	rules: [
		{ if: HDR, needs: [{ parameter: 'resolution', is: ['720p', '1080p'] }] },
		{ if: { parameter: 'exrExport', is: [true] }, needs: [HDR] },
	],
	prices: UNPUBLISHED,
};

const reframe: Edition = {
	...LAUNCH,
	source: pageOf('luma-ray-v3-2-reframe'),
	parameters: {
		videoUrl: inputVideo,
		prompt,
		aspectRatio: {
			wire: 'aspect_ratio',
			options: ['21:9', '16:9', '4:3', '1:1', '3:4', '9:16'],
			required: true,
		},
		resolution,
	},
	others: ['source_position'],
	rules: [],
	prices: UNPUBLISHED_PER_SECOND,
	longestSourceSeconds: 30,
};

export const OXEN: Catalogue = {
	id: 'oxen',
	name: 'Oxen.ai',
	// The largest file that Oxen's upload is known to accept in one piece.
	maxFileBytes: { image: 90_000_000, video: 90_000_000 },
	// Data URIs up to about 12 MB are known to work on the queue; base64 turns 3 bytes into 4.
	maxInlineFileBytes: 9_000_000,
	generationsField: 'num_generations',
	pricedBy: [
		'model',
		'target_namespace',
		'resolution',
		'duration',
		'hdr',
		'exr_export',
		'keyframes',
		'keyframe_indexes',
	],
	models: {
		animate: { endpoint: 'luma-ray-v3-2-image-to-video', editions: [imageToVideo] },
		generate: { endpoint: 'luma-ray-v3-2-text-to-video', editions: [textToVideo] },
		edit: { endpoint: 'luma-ray-v3-2-video-to-video', editions: [videoToVideo] },
		reframe: { endpoint: 'luma-ray-v3-2-reframe', editions: [reframe] },
	},
};
