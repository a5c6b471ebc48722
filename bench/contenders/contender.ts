import type { Target } from '../processes/sandbox';

/** The work of a contender: animate the same image this many times at once. */
export interface Load {
	items: number;
	/** Downloads each video. */
	download?: boolean;
	/** Uploads this file as the image. If absent, the image has a URL. */
	imageFile?: string;
	/** So many executions of one item each run in the same process at the same moment. */
	beside?: number;
	/** Wakes a parked run with this many unfinished jobs, once, and makes no video. */
	wake?: boolean;
	/** Uploads this file as a source video, and makes no video. */
	sourceVideo?: string;
}

/**
 * Prepares a load, which is not measured, and returns the work to measure. The work returns the milliseconds of each
 * execution beside it, if there are any.
 */
export type Contender = (load: Load, target: Target) => Promise<() => Promise<number[] | void>>;

/** The input that every contender sends to the model. */
export const MODEL = 'luma/agent/ray/v3.2/image-to-video';
export const INPUT = {
	prompt: 'The tiger walks through the snow',
	image_url: 'https://images.example.com/tiger.png',
	aspect_ratio: '16:9',
	resolution: '540p',
	duration: '5s',
	loop: false,
} as const;

/** @throws if a contender made fewer videos than it was asked for */
export function mustHaveMade(videos: number, { items }: Load): void {
	if (videos !== items) throw new Error(`${videos} of ${items} videos were made`);
}
