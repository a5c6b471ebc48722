import type { FileSource } from './files';

/** An image at a certain time of the video. */
export interface Keyframe<File = FileSource> {
	imageUrl: string | File;
	/** Seconds from the start. */
	seconds: number;
}

/** The positions where a provider accepts keyframes, and how many it accepts. */
export interface Timeline {
	framesPerSecond: number;
	/** The maximum number of keyframes of one video. */
	most: number;
	/** `clip`: frames of the new video, as long as Duration. `source`: frames of the source, of unknown length. */
	of: 'clip' | 'source';
}

/** Why keyframes cannot be sent. `entry`: the position in the list, from 1. */
export type BadKeyframes =
	| { why: 'notAList' | 'none' }
	| { why: 'tooMany'; count: number; most: number }
	| { why: 'notAKeyframe' | 'badImage' | 'badSeconds'; entry: number; value: unknown }
	| { why: 'sameFrame'; seconds: [number, number]; framesPerSecond: number }
	/** After the end of the video. `length`: its length in seconds. */
	| { why: 'tooLate'; seconds: number; length: number };

export type CheckedKeyframes = { ok: true; keyframes: Keyframe[] } | { ok: false; bad: BadKeyframes };

/** The number of the frame that is closest to a time in seconds. The first frame is 0. */
export function frameAt(seconds: number, framesPerSecond: number): number {
	return Math.round(seconds * framesPerSecond);
}

/**
 * Checks keyframes from a form or an expression.
 * @param imageOf turns a value into an image that can be sent; undefined if the value is not an image
 * @returns the keyframes, sorted by time
 */
export function checkKeyframes(
	value: unknown,
	{ most, framesPerSecond }: Timeline,
	imageOf: (value: unknown) => Keyframe['imageUrl'] | undefined,
): CheckedKeyframes {
	const refuse = (bad: BadKeyframes): CheckedKeyframes => ({ ok: false, bad });
	if (!Array.isArray(value)) return refuse({ why: 'notAList' });
	if (value.length > most) return refuse({ why: 'tooMany', count: value.length, most });
	const keyframes: Keyframe[] = [];
	for (const [index, one] of (value as unknown[]).entries()) {
		const entry = index + 1;
		if (typeof one !== 'object' || one === null || Array.isArray(one)) {
			return refuse({ why: 'notAKeyframe', entry, value: one });
		}
		const given = one as { imageUrl?: unknown; seconds?: unknown };
		const imageUrl = imageOf(given.imageUrl);
		if (imageUrl === undefined) return refuse({ why: 'badImage', entry, value: given.imageUrl });
		const seconds = secondsOf(given.seconds);
		// The number of the frame is sent as an integer.
		if (seconds === undefined || !Number.isSafeInteger(frameAt(seconds, framesPerSecond)))
			return refuse({ why: 'badSeconds', entry, value: given.seconds });
		keyframes.push({ imageUrl, seconds });
	}
	keyframes.sort((one, other) => one.seconds - other.seconds);
	for (const [index, { seconds }] of keyframes.entries()) {
		const before = keyframes[index - 1]?.seconds;
		if (before === undefined || frameAt(before, framesPerSecond) < frameAt(seconds, framesPerSecond))
			continue;
		return refuse({ why: 'sameFrame', seconds: [before, seconds], framesPerSecond });
	}
	return { ok: true, keyframes };
}

/** Finds a keyframe after the end of a video of this many seconds. A keyframe exactly at the end is allowed. */
export function lateKeyframe(
	keyframes: ReadonlyArray<Keyframe<unknown>>,
	{ framesPerSecond }: Timeline,
	length: number,
): BadKeyframes | undefined {
	const lastFrame = frameAt(length, framesPerSecond);
	const late = keyframes.find(({ seconds }) => frameAt(seconds, framesPerSecond) > lastFrame);
	return late && { why: 'tooLate', seconds: late.seconds, length };
}

/** Zero or more seconds. An expression may return the number as text. */
function secondsOf(value: unknown): number | undefined {
	const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	return typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}
