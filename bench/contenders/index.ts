import type { Target } from '../processes/sandbox';

/** What a contender has to do: animate the same image so many times, at once. */
export interface Load {
	items: number;
	/** Fetches each video. */
	download?: boolean;
	/** Uploads this file as the image; else the image lies at an address. */
	imageFile?: string;
}

/** Gets ready for a load, without being measured, and gives the work that is. */
export type Contender = (load: Load, target: Target) => Promise<() => Promise<void>>;

/** By what each is called in tables and charts. */
export const CONTENDERS = {
	nodeStream: 'Luma Ray node, stream',
	nodePoll: 'Luma Ray node, polling',
	falPoll: 'fal.subscribe, default',
	falStream: 'fal.subscribe, streaming',
	httpLoop: 'HTTP Request + Wait + IF',
} as const;

export type ContenderName = keyof typeof CONTENDERS;

/** Loads a contender's code, and nothing of the others. */
export async function loadContender(name: ContenderName): Promise<Contender> {
	switch (name) {
		case 'nodeStream':
			return (await import('./lumaRay')).lumaRay('auto');
		case 'nodePoll':
			return (await import('./lumaRay')).lumaRay('poll');
		case 'falPoll':
			return (await import('./falClient')).falClient('polling');
		case 'falStream':
			return (await import('./falClient')).falClient('streaming');
		case 'httpLoop':
			return (await import('./httpLoop')).httpLoop;
	}
}

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
