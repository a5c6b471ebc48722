import { ALL_FORMATS, BufferSource, Input } from 'mediabunny';

export interface VideoFacts {
	codec: string | null;
	width: number;
	height: number;
	/** Rounded to one decimal place. */
	seconds: number;
}

/** Reads the contents of a video file. */
export async function probeVideo(bytes: Buffer): Promise<VideoFacts> {
	const input = new Input({ source: new BufferSource(bytes), formats: ALL_FORMATS });
	const track = await input.getPrimaryVideoTrack();
	if (!track) throw new Error('The file holds no video track');
	const seconds = Math.round((await input.computeDuration()) * 10) / 10;
	return { codec: track.codec, width: track.displayWidth, height: track.displayHeight, seconds };
}
