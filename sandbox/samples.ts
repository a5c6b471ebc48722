import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clip } from './ray';

const loaded = new Map<string, Buffer>();

/** A playable H.264 video of this clip's aspect ratio, resolution and duration (made by samples/make.sh). */
export function sampleVideo({ aspectRatio, resolution, duration }: Clip): Buffer {
	const name = `${aspectRatio.replace(':', 'x')}-${resolution}-${duration}.mp4`;
	let video = loaded.get(name);
	if (!video) {
		video = readFileSync(join(__dirname, 'samples', name));
		loaded.set(name, video);
	}
	return video;
}
