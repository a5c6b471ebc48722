import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withFacts } from './mp4';

/** The properties of a served clip. */
export interface Sample {
	/** The ratio of one of the files that samples/make.sh makes. */
	aspectRatio: string;
	/** For example 720p: the length of the shorter side. */
	resolution: string;
	seconds: number;
}

const loaded = new Map<string, Buffer>();
/** This many lengths and sizes are cached. There is a limit because sources can have any length. */
const MOST_KEPT = 100;

/**
 * A playable H.264 video of this ratio, resolution and length. There is one file per ratio (made by samples/make.sh).
 * Size and length are written into the headers of a copy.
 */
export function sampleVideo({ aspectRatio, resolution, seconds }: Sample): Buffer {
	const key = `${aspectRatio} ${resolution} ${seconds}`;
	let video = loaded.get(key);
	if (!video) {
		const file = readFileSync(join(__dirname, 'samples', `${aspectRatio.replace(':', 'x')}.mp4`));
		video = withFacts(file, { ...sizeOf(aspectRatio, resolution), seconds });
		if (loaded.size >= MOST_KEPT) loaded.clear();
		loaded.set(key, video);
	}
	return video;
}

/**
 * The number before the p of a resolution is the length of the shorter side. The longer side follows from the ratio
 * and is even.
 */
function sizeOf(aspectRatio: string, resolution: string): { width: number; height: number } {
	const [across, down] = aspectRatio.split(':').map(Number);
	const short = parseInt(resolution);
	const longer = Math.floor((short * Math.max(across, down)) / Math.min(across, down) / 2) * 2;
	return across >= down ? { width: longer, height: short } : { width: short, height: longer };
}

/** The ratios that have a sample. */
export const SAMPLE_RATIOS = [
	'3:1',
	'2:1',
	'21:9',
	'16:9',
	'4:3',
	'3:2',
	'1:1',
	'3:4',
	'2:3',
	'9:16',
	'1:2',
	'1:3',
];
