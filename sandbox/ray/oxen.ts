import { FAL } from './fal';
import type { Edition, Model, Operation, Parameter } from './model';
import * as p from './parameters';
import * as rules from './rules';

type Description = Omit<Model, 'operation' | 'id'>;

const inputImage = p.named('input_image', p.imageUrlAtLaunch);
/** Oxen's schema contains no lengths. */
const withoutLength = (parameter: Parameter): Parameter => ({ ...parameter, shortest: undefined });
const inputVideo = p.named('input_video', p.required(withoutLength(p.videoUrl)));

/**
 * Oxen runs its jobs at fal. Assumption: it charges what fal charged at launch. Its documentation lists no prices
 * except those from the models endpoint.
 */
const pricesOf = (operation: Operation) => FAL[operation].launch.prices;

/** The model's page. */
const animate: Description = {
	...FAL['image-to-video'].launch,
	parameters: FAL['image-to-video'].launch.parameters.map((one) =>
		one.name === 'image_url' ? inputImage : one,
	),
};

/**
 * Assumption: Oxen documents only the launch edition. Since it passes jobs on to fal, its image to video probably
 * follows fal's edition of October 2026, with Oxen's name for the first frame.
 */
const animateInOctober: Description = {
	...FAL['image-to-video']['2026-10'],
	parameters: FAL['image-to-video']['2026-10'].parameters.map((one) =>
		one.name === 'image_url' ? p.named('input_image', one) : one,
	),
};

/** Its page lists the 12 ratios and reference images. We assume that the rest is the same as in image to video. */
const generate: Description = {
	parameters: [
		p.promptAtLaunch,
		p.aspectRatioAtLaunch,
		p.resolutionAtLaunch,
		p.durationAtLaunch,
		p.loop,
		p.referenceImageUrls,
	],
	rules: [rules.noLoopOfTenSeconds],
	prices: pricesOf('text-to-video'),
	hasExr: false,
};

/** Its page mentions no controls and no keyframes. */
const edit: Description = {
	parameters: [
		p.promptAtLaunch,
		inputVideo,
		p.named('input_image', withoutLength(p.startImageUrl)),
		p.resolution,
		p.duration,
		p.editStrength,
		p.autoControls,
		p.hdr,
		p.exrExport,
	],
	rules: [rules.oneWayToControl, rules.hdrNeedsResolution, rules.exrNeedsHdr],
	prices: pricesOf('video-to-video'),
	hasExr: true,
	longestSourceSeconds: FAL['video-to-video'].launch.longestSourceSeconds,
};

const reframe: Description = {
	parameters: [p.promptAtLaunch, inputVideo, p.targetRatio, p.resolution, p.sourcePosition],
	rules: [rules.noUprightFullHd],
	prices: pricesOf('reframe'),
	hasExr: false,
	longestSourceSeconds: 30,
};

/** Oxen's descriptions, by operation and edition. */
export const OXEN: Record<Operation, Record<Edition, Description>> = {
	'image-to-video': { launch: animate, '2026-10': animateInOctober },
	'text-to-video': { launch: generate, '2026-10': generate },
	'video-to-video': { launch: edit, '2026-10': edit },
	reframe: { launch: reframe, '2026-10': reframe },
};
