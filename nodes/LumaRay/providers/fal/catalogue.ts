import type { Catalogue, Edition, Rule } from '../../models/catalogue';
import { CONTROLS_FORM, DURATION_OR_SOURCE, EDIT_STRENGTH, NOT_SENT } from '../wireForms';
import { keyframesAtFal } from './keyframes';

/** Luma Ray 3.2 at fal.ai. */

const ALL_RATIOS = ['3:1', '2:1', '21:9', '16:9', '4:3', '3:2', '1:1', '3:4', '2:3', '9:16', '1:2', '1:3'];
const RATIOS = ['21:9', '16:9', '4:3', '1:1', '3:4', '9:16'];
const STRENGTHS = ['adhere', 'flex', 'reimagine'].flatMap((kind) =>
	[1, 2, 3].map((step) => `${kind}_${step}`),
);

const pageOf = (endpoint: string) => `https://fal.ai/models/luma/agent/ray/v3.2/${endpoint}`;

const prompt = { wire: 'prompt', required: true } as const;
const resolution = { wire: 'resolution', options: ['540p', '720p', '1080p'] };
const duration = { wire: 'duration', options: ['5s', '10s'] };
const videoUrl = { wire: 'video_url', required: true } as const;
const dynamicRange = { hdr: { wire: 'hdr' }, exrExport: { wire: 'exr_export' } };

const LOOP = { parameter: 'loop', is: [true] } as const;
const HDR = { parameter: 'hdr', is: [true] } as const;
const TEN_SECONDS = { parameter: 'duration', is: ['10s'] } as const;
const NO_LONG_LOOP: Rule = { if: LOOP, not: TEN_SECONDS };
const DYNAMIC_RANGE: Rule[] = [
	{ if: HDR, needs: [{ parameter: 'resolution', is: ['720p', '1080p'] }] },
	{ if: { parameter: 'exrExport', is: [true] }, needs: [HDR] },
];

const imageToVideo: Edition = {
	id: 'launch',
	date: '2026-11-21',
	source: pageOf('image-to-video'),
	parameters: {
		frames: { wire: NOT_SENT, options: ['first'] },
		imageUrl: { wire: 'image_url', required: true },
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

/** What the live OpenAPI documents said on 2026-10-08. */
const OCTOBER = { id: '2026-10', date: '2026-10-08' } as const;

/** `frames` is only a field of the form. It decides which images are sent. */
const framesAre = (...is: string[]) => ({ parameter: 'frames', is }) as const;

const imageToVideoInOctober: Edition = {
	...OCTOBER,
	source: pageOf('image-to-video'),
	parameters: {
		frames: { wire: NOT_SENT, options: ['first', 'firstAndLast', 'keyframes'] },
		imageUrl: { wire: 'image_url', required: true, when: framesAre('first', 'firstAndLast') },
		endImageUrl: { wire: 'end_image_url', required: true, when: framesAre('firstAndLast') },
		keyframes: { ...keyframesAtFal('clip'), required: true, when: framesAre('keyframes') },
		prompt,
		aspectRatio: { wire: 'aspect_ratio', options: RATIOS },
		resolution,
		duration,
		loop: { wire: 'loop' },
		...dynamicRange,
	},
	rules: [
		{ if: TEN_SECONDS, needs: [framesAre('keyframes')] },
		{ if: LOOP, not: framesAre('firstAndLast', 'keyframes') },
		{ if: LOOP, not: HDR },
		...DYNAMIC_RANGE,
	],
	// fal gives no price for 10 seconds with keyframes.
	prices: {
		per: 'clip',
		usd: { '540p': { '5s': 0.15 }, '720p': { '5s': 0.3 }, '1080p': { '5s': 1.2 } },
		hdrTimes: 2,
		exrTimes: 3,
	},
};

const textToVideo: Edition = {
	...OCTOBER,
	source: pageOf('text-to-video'),
	parameters: {
		prompt,
		aspectRatio: { wire: 'aspect_ratio', options: RATIOS },
		resolution,
		duration,
		loop: { wire: 'loop' },
		...dynamicRange,
	},
	rules: [NO_LONG_LOOP, { if: LOOP, not: HDR }, { if: HDR, not: TEN_SECONDS }, ...DYNAMIC_RANGE],
	// Last seen on 2026-09-25. fal gives no price for HDR.
	prices: {
		per: 'clip',
		usd: {
			'540p': { '5s': 0.5, '10s': 1 },
			'720p': { '5s': 1, '10s': 2 },
			'1080p': { '5s': 2, '10s': 4 },
		},
	},
};

/**
 * fal gives no limit for the length of the source. Luma's documents contradict each other (18 s in its schema, 30 s on
 * its pages), so the provider checks the length. It does not bill a job that it refuses.
 */
const videoToVideo: Edition = {
	...OCTOBER,
	source: pageOf('video-to-video'),
	parameters: {
		videoUrl,
		imageUrl: { wire: 'start_image_url' },
		keyframes: keyframesAtFal('source'),
		prompt,
		resolution,
		duration,
		editStrength: { wire: EDIT_STRENGTH, options: ['auto', ...STRENGTHS, 'controls'] },
		controls: { wire: CONTROLS_FORM },
		...dynamicRange,
	},
	others: ['user'],
	rules: [
		{ if: { parameter: 'keyframes' }, not: { parameter: 'imageUrl' } },
		{ if: { parameter: 'editStrength', is: ['controls'] }, needs: [{ parameter: 'controls' }] },
		{ if: { parameter: 'controls' }, needs: [{ parameter: 'editStrength', is: ['controls'] }] },
		...DYNAMIC_RANGE,
	],
	prices: {
		per: 'clip',
		usd: {
			'540p': { '5s': 0.72, '10s': 1.44 },
			'720p': { '5s': 1.08, '10s': 2.16 },
			'1080p': { '5s': 2.16, '10s': 4.32 },
		},
		hdrTimes: 2,
		exrTimes: 3,
	},
};

const reframe: Edition = {
	...OCTOBER,
	source: pageOf('reframe'),
	parameters: {
		videoUrl,
		prompt,
		aspectRatio: { wire: 'aspect_ratio', options: RATIOS, required: true },
		resolution,
		duration: { wire: DURATION_OR_SOURCE, options: ['source', '5s', '10s'], default: 'source' },
	},
	others: ['source_position'],
	rules: [],
	prices: { per: 'second', usd: { '540p': 0.06, '720p': 0.12, '1080p': 0.36 } },
	longestSourceSeconds: 10,
};

/** From the generated types of 2026-08-02: the video was as long as its source, and sources could be longer. */
const reframeAtLaunch: Edition = {
	...reframe,
	id: 'launch',
	date: '2026-08-02',
	parameters: {
		...reframe.parameters,
		duration: { wire: NOT_SENT, options: ['source'], default: 'source' },
	},
	longestSourceSeconds: 30,
};

const endpoint = (name: string) => `luma/agent/ray/v3.2/${name}`;

export const FAL: Catalogue = {
	id: 'fal',
	name: 'fal.ai',
	maxFileBytes: {
		// The largest image that fal's storage accepts in one piece (fal's own client, storage.ts).
		image: 90_000_000,
		// The largest video that Luma accepts: 5 GiB.
		video: 5 * 1024 ** 3,
	},
	pricedBy: ['resolution', 'duration', 'hdr', 'exr_export', 'keyframes', 'keyframe_indexes'],
	models: {
		animate: { endpoint: endpoint('image-to-video'), editions: [imageToVideo, imageToVideoInOctober] },
		generate: { endpoint: endpoint('text-to-video'), editions: [textToVideo] },
		edit: { endpoint: endpoint('video-to-video'), editions: [videoToVideo] },
		reframe: { endpoint: endpoint('reframe'), editions: [reframeAtLaunch, reframe] },
	},
};
