import { isGiven, type Input, type Rule } from './model';

/** Frames per second, for the positions of keyframes. */
export const FRAME_RATE = 24;

const isTrue = (input: Input, name: string) => input[name] === true;
const has = (input: Input, name: string) => isGiven(input[name]);
const isTenSeconds = (input: Input) => input.duration === '10s';

export const noLoopOfTenSeconds: Rule = (input) =>
	isTrue(input, 'loop') && isTenSeconds(input) ? 'loop is not supported for 10s videos' : undefined;

export const noLoopInHdr: Rule = (input) =>
	isTrue(input, 'loop') && isTrue(input, 'hdr') ? 'loop is not supported with hdr' : undefined;

export const noLoopBetweenFrames: Rule = (input) =>
	isTrue(input, 'loop') && (has(input, 'end_image_url') || has(input, 'keyframes'))
		? 'loop cannot be combined with end_image_url or keyframes'
		: undefined;

export const hdrNeedsResolution: Rule = (input) =>
	isTrue(input, 'hdr') && !['720p', '1080p'].includes(input.resolution as string)
		? 'hdr requires a resolution of 720p or 1080p'
		: undefined;

export const noHdrOfTenSeconds: Rule = (input) =>
	isTrue(input, 'hdr') && isTenSeconds(input) ? 'hdr is not supported for 10s videos' : undefined;

export const exrNeedsHdr: Rule = (input) =>
	isTrue(input, 'exr_export') && !isTrue(input, 'hdr') ? 'exr_export requires hdr' : undefined;

/** The input needs one image (and optionally a last one), or keyframes. */
export const oneWayToAnchor: Rule = (input) => {
	if (has(input, 'keyframes')) {
		return has(input, 'image_url') || has(input, 'end_image_url')
			? 'keyframes cannot be combined with image_url or end_image_url'
			: undefined;
	}
	return has(input, 'image_url') ? undefined : 'either image_url or keyframes is required';
};

export const noKeyframesWithStartImage: Rule = (input) =>
	has(input, 'keyframes') && has(input, 'start_image_url')
		? 'keyframes cannot be combined with start_image_url'
		: undefined;

export const tenSecondsNeedKeyframes: Rule = (input) =>
	isTenSeconds(input) && !has(input, 'keyframes') ? '10s videos require keyframes' : undefined;

export const keyframesInPairs: Rule = ({ keyframes, keyframe_indexes: indexes }) => {
	if (!isGiven(keyframes) && !isGiven(indexes)) return undefined;
	if (!isGiven(keyframes) || !isGiven(indexes)) {
		return 'keyframes and keyframe_indexes must be provided together';
	}
	const places = indexes as number[];
	if ((keyframes as string[]).length !== places.length) {
		return 'keyframes and keyframe_indexes must have the same length';
	}
	return new Set(places).size < places.length ? 'keyframe_indexes must be unique' : undefined;
};

/** For generated clips: a clip of 5 s has frames 0 to 120, one of 10 s has frames 0 to 240. */
export const keyframesWithinClip: Rule = (input) =>
	keyframesWithin(input, (isTenSeconds(input) ? 10 : 5) * FRAME_RATE);

export function keyframesWithin({ keyframe_indexes: indexes }: Input, lastFrame: number): string | undefined {
	const isOutside = isGiven(indexes) && (indexes as number[]).some((index) => index > lastFrame);
	return isOutside ? `keyframe_indexes must be between 0 and ${lastFrame}` : undefined;
}

export const oneWayToControl: Rule = (input) => {
	const ways = ['edit_strength', 'controls'].filter((name) => has(input, name));
	if (isTrue(input, 'auto_controls')) ways.push('auto_controls');
	return ways.length > 1 ? `${ways.join(' and ')} cannot be combined` : undefined;
};

/** This is not on fal's page but in Luma's own documentation, and Luma runs the job. */
export const noUprightFullHd: Rule = (input) =>
	input.resolution === '1080p' && ['9:16', '3:4'].includes(input.aspect_ratio as string)
		? `1080p is not supported for ${input.aspect_ratio as string}`
		: undefined;
