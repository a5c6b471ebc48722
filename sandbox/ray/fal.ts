import type { Edition, Model, Operation, Prices } from './model';
import * as p from './parameters';
import * as rules from './rules';

type Description = Omit<Model, 'operation' | 'id'>;

/** Prices from fal's pages. */
const ANIMATE_AT_LAUNCH: Prices = {
	unit: 'video',
	usd: { '540p': 0.5, '720p': 1, '1080p': 2 },
	tenSeconds: 2,
};
/** Assumption: fal publishes no price for 10 s with keyframes. Luma itself charges 0.45, 0.90 and 3.60. */
const ANIMATE: Prices = { unit: 'video', usd: { '540p': 0.15, '720p': 0.3, '1080p': 1.2 }, tenSeconds: 3 };
const GENERATE: Prices = { unit: 'video', usd: { '540p': 0.5, '720p': 1, '1080p': 2 }, tenSeconds: 2 };
const EDIT: Prices = { unit: 'video', usd: { '540p': 0.72, '720p': 1.08, '1080p': 2.16 }, tenSeconds: 2 };
const REFRAME: Prices = { unit: 'second', usd: { '540p': 0.06, '720p': 0.12, '1080p': 0.36 } };

/** The model's page at launch. */
const animateAtLaunch: Description = {
	parameters: [
		p.promptAtLaunch,
		p.imageUrlAtLaunch,
		p.aspectRatioAtLaunch,
		p.resolutionAtLaunch,
		p.durationAtLaunch,
		p.loop,
		p.referenceImageUrls,
	],
	rules: [rules.noLoopOfTenSeconds],
	prices: ANIMATE_AT_LAUNCH,
	hasExr: false,
};

/** The live OpenAPI document of 2026-10-08. */
const animate: Description = {
	parameters: [
		p.prompt,
		p.orNull(p.imageUrl),
		p.orNull(p.endImageUrl),
		p.aspectRatio,
		p.resolution,
		p.duration,
		p.loop,
		p.hdr,
		p.exrExport,
		p.keyframes,
		p.keyframeIndexes,
	],
	rules: [
		rules.oneWayToAnchor,
		rules.keyframesInPairs,
		rules.tenSecondsNeedKeyframes,
		rules.keyframesWithinClip,
		rules.noLoopBetweenFrames,
		rules.noLoopInHdr,
		rules.hdrNeedsResolution,
		rules.exrNeedsHdr,
	],
	prices: ANIMATE,
	hasExr: true,
};

/** No description from before August 2026 is known, and October's is the same as August's. */
const generate: Description = {
	parameters: [p.prompt, p.aspectRatio, p.resolution, p.duration, p.loop, p.hdr, p.exrExport],
	rules: [
		rules.noLoopOfTenSeconds,
		rules.noLoopInHdr,
		rules.noHdrOfTenSeconds,
		rules.hdrNeedsResolution,
		rules.exrNeedsHdr,
	],
	prices: GENERATE,
	hasExr: true,
};

/**
 * fal's page mentions no limit for the source of an edit. Assumption: Luma runs the job and refuses what its own
 * documentation excludes: at first sources above 30 s, later above 18 s.
 */
const LONGEST_EDIT_SOURCE = { launch: 30, '2026-10': 18 };

/** The generated types of 2026-08-02. */
const editAtLaunch: Description = {
	parameters: [
		p.prompt,
		p.required(p.videoUrl),
		p.orNull(p.startImageUrl),
		p.resolution,
		p.duration,
		p.editStrength,
		p.autoControls,
		p.hdr,
		p.exrExport,
		p.controls,
		p.keyframes,
		p.keyframeIndexes,
	],
	rules: [
		rules.oneWayToControl,
		rules.noKeyframesWithStartImage,
		rules.keyframesInPairs,
		rules.hdrNeedsResolution,
		rules.exrNeedsHdr,
	],
	prices: EDIT,
	hasExr: true,
	longestSourceSeconds: LONGEST_EDIT_SOURCE.launch,
};

/** The edition of October added `user`. */
const edit: Description = {
	...editAtLaunch,
	parameters: editAtLaunch.parameters.flatMap((one) => (one.name === 'video_url' ? [one, p.user] : [one])),
	longestSourceSeconds: LONGEST_EDIT_SOURCE['2026-10'],
};

/** The generated types of 2026-08-02. */
const reframeAtLaunch: Description = {
	parameters: [p.prompt, p.required(p.videoUrl), p.targetRatio, p.resolution, p.orNull(p.sourcePosition)],
	rules: [rules.noUprightFullHd],
	prices: REFRAME,
	hasExr: true,
	longestSourceSeconds: 30,
};

/** The edition of October added `duration` and accepts only shorter sources. */
const reframe: Description = {
	...reframeAtLaunch,
	parameters: reframeAtLaunch.parameters.flatMap((one) =>
		one.name === 'resolution' ? [one, p.durationOrSource] : [one],
	),
	longestSourceSeconds: 10,
};

/** fal's descriptions, by operation and edition. */
export const FAL: Record<Operation, Record<Edition, Description>> = {
	'image-to-video': { launch: animateAtLaunch, '2026-10': animate },
	'text-to-video': { launch: generate, '2026-10': generate },
	'video-to-video': { launch: editAtLaunch, '2026-10': edit },
	reframe: { launch: reframeAtLaunch, '2026-10': reframe },
};
