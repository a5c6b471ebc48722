import type { WireForm } from '../../models/catalogue';
import { frameAt, type Keyframe, type Timeline } from '../../models/keyframes';

/**
 * fal counts 24 frames per second: 0 to 120 in 5 seconds, 0 to 240 in 10 (live OpenAPI document of image to video, read
 * on 2026-10-08; Luma's own API: video.keyframe_indexes). It accepts 1 to 64 keyframes.
 */
const FRAMES_PER_SECOND = 24;
const MOST_KEYFRAMES = 64;

/** Seconds are rounded to milliseconds, which is precise enough to distinguish frames. */
const PER_SECOND = 1000;

/** Two lists of the same length: the addresses, and the frame number of each. */
const LISTS: WireForm = {
	names: ['keyframes', 'keyframe_indexes'],
	write: (keyframes: Array<Keyframe<string>>) => ({
		keyframes: keyframes.map(({ imageUrl }) => imageUrl),
		keyframe_indexes: keyframes.map(({ seconds }) => frameAt(seconds, FRAMES_PER_SECOND)),
	}),
	read({ keyframes, keyframe_indexes: frames }) {
		if (!Array.isArray(keyframes) || !Array.isArray(frames)) return undefined;
		const isWhole =
			keyframes.length === frames.length &&
			keyframes.every((url) => typeof url === 'string') &&
			frames.every((frame) => typeof frame === 'number');
		if (!isWhole) return undefined;
		return keyframes.map((imageUrl: string, index): Keyframe<never> => {
			const seconds = (frames[index] as number) / FRAMES_PER_SECOND;
			return { imageUrl, seconds: Math.round(seconds * PER_SECOND) / PER_SECOND };
		});
	},
};

/** The keyframes parameter as fal offers it. */
export function keyframesAtFal(of: Timeline['of']) {
	return { wire: LISTS, timeline: { framesPerSecond: FRAMES_PER_SECOND, most: MOST_KEYFRAMES, of } };
}
