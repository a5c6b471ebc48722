import type { FileSource } from './files';

/** An image at a moment of the video. */
export interface Keyframe<File = FileSource> {
	imageUrl: string | File;
	/** Seconds from the start. */
	seconds: number;
}

/** Where a provider takes keyframes. */
export interface Timeline {
	framesPerSecond: number;
	/** The most keyframes of one video. */
	most: number;
	/** Whether they are frames of the new video, which ends with Duration, or of the source, whose end is unknown. */
	of: 'clip' | 'source';
}

/** Why keyframes cannot be sent. `entry`: which one of the list, from 1. */
export type BadKeyframes =
	| { why: 'notAList' | 'none' }
	| { why: 'tooMany'; count: number; most: number }
	| { why: 'notAKeyframe' | 'badImage' | 'badSeconds'; entry: number; value: unknown }
	| { why: 'sameFrame'; seconds: [number, number]; framesPerSecond: number }
	/** Behind the end of the video, which has so many seconds. */
	| { why: 'tooLate'; seconds: number; length: number };

export type CheckedKeyframes = { ok: true; keyframes: Keyframe[] } | { ok: false; bad: BadKeyframes };

/** The number of the frame that is nearest to a position in seconds. The first frame is 0. */
export function frameAt(seconds: number, framesPerSecond: number): number {
	return Math.round(seconds * framesPerSecond);
}

/**
 * Checks keyframes, as a form or an expression yields them.
 * @param imageOf a value as an image that can be sent, if it is one
 * @returns the keyframes in the order of time
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
		// The number of the frame goes out as a whole number.
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

/** Whether all keyframes are within a video of this many seconds. Its last frame is the one at its end. */
export function lateKeyframe(
	keyframes: ReadonlyArray<Keyframe<unknown>>,
	{ framesPerSecond }: Timeline,
	length: number,
): BadKeyframes | undefined {
	const lastFrame = frameAt(length, framesPerSecond);
	const late = keyframes.find(({ seconds }) => frameAt(seconds, framesPerSecond) > lastFrame);
	return late && { why: 'tooLate', seconds: late.seconds, length };
}

/** A number of seconds that is not negative; an expression may yield it as text. */
function secondsOf(value: unknown): number | undefined {
	const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	return typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}
