import type { Target } from '../processes/sandbox';

/** What a contender has to do: animate the same image this many times at once. */
export interface Load {
	items: number;
	/** Downloads each video. */
	download?: boolean;
	/** Uploads this file as the image. If absent, the image has a URL. */
	imageFile?: string;
	/** Runs this many executions of one item each in the same process at the same time. */
	beside?: number;
	/** Wakes a parked run with this many unfinished jobs once. No video is made. */
	wake?: boolean;
	/** Uploads this file as a source video. No video is made. */
	sourceVideo?: string;
}

/**
 * Prepares a load, which is not measured, and returns the work to measure. The work returns the milliseconds of each
 * execution that ran next to it, if there were any.
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

/** @throws if a contender made fewer videos than requested */
export function mustHaveMade(videos: number, { items }: Load): void {
	if (videos !== items) throw new Error(`${videos} of ${items} videos were made`);
}
