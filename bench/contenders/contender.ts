import type { Target } from '../processes/sandbox';

/** What a contender has to do: animate the same image so many times, at once. */
export interface Load {
	items: number;
	/** Fetches each video. */
	download?: boolean;
	/** Uploads this file as the image; else the image lies at an address. */
	imageFile?: string;
	/** So many executions of one item each run in the same process at the same moment. */
	beside?: number;
	/** Wakes a parked run with so many unfinished jobs, once, and makes no video. */
	wake?: boolean;
	/** Uploads this file as a source video, and makes no video. */
	sourceVideo?: string;
}

/**
 * Gets ready for a load, without being measured, and gives the work that is. The work returns the milliseconds of each
 * execution beside it, if there are any.
 */
export type Contender = (load: Load, target: Target) => Promise<() => Promise<number[] | void>>;

/** What every contender asks the model for. */
export const MODEL = 'luma/agent/ray/v3.2/image-to-video';
export const INPUT = {
	prompt: 'The tiger walks through the snow',
	image_url: 'https://images.example.com/tiger.png',
	aspect_ratio: '16:9',
	resolution: '540p',
	duration: '5s',
	loop: false,
} as const;

/** @throws where a contender came back with fewer videos than it was asked for */
export function mustHaveMade(videos: number, { items }: Load): void {
	if (videos !== items) throw new Error(`${videos} of ${items} videos were made`);
}
