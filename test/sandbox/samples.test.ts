import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny';
import { sampleVideo } from '../../sandbox/samples';

/** The longer side by ratio and resolution. The number before the p of a resolution is the shorter side. */
const LONGER_SIDE: Record<string, [number, number, number]> = {
	'3:1': [1620, 2160, 3240],
	'2:1': [1080, 1440, 2160],
	'21:9': [1260, 1680, 2520],
	'16:9': [960, 1280, 1920],
	'4:3': [720, 960, 1440],
	'3:2': [810, 1080, 1620],
	'1:1': [540, 720, 1080],
};
const RESOLUTIONS = ['540p', '720p', '1080p'];

/** The lengths that users can select, and 7.3 s, because a source may have any length. */
const LENGTHS = [5, 10, 7.3];

const clips = Object.entries(LONGER_SIDE).flatMap(([ratio, sides]) =>
	RESOLUTIONS.flatMap((resolution, index) =>
		LENGTHS.flatMap((seconds) => {
			const [long, short] = [sides[index], parseInt(resolution)];
			const upright = ratio.split(':').reverse().join(':');
			const wide = { aspectRatio: ratio, resolution, seconds, width: long, height: short };
			const tall = { aspectRatio: upright, resolution, seconds, width: short, height: long };
			return ratio === '1:1' || ratio === '21:9' ? [wide] : [wide, tall];
		}),
	),
);

test('there are samples for 12 ratios at 3 resolutions and any length, made from 12 files', () => {
	expect(clips).toHaveLength(12 * 3 * LENGTHS.length);
	const files = readdirSync(join(__dirname, '../../sandbox/samples')).filter((name) => name.endsWith('.mp4'));
	expect(files).toHaveLength(12);
});

test.each(clips)('a sample of $aspectRatio $resolution $seconds s has this size and length', async (clip) => {
	const input = new Input({ source: new BufferSource(sampleVideo(clip)), formats: ALL_FORMATS });
	const track = await input.getPrimaryVideoTrack();
	expect(track).toMatchObject({ codec: 'avc', codedWidth: clip.width, codedHeight: clip.height });
	expect(track).toMatchObject({ displayWidth: clip.width, displayHeight: clip.height });
	expect(await track!.computeDuration()).toBeCloseTo(clip.seconds, 1);
	// No picture is missing, and they are evenly spaced.
	const pictures: number[] = [];
	for await (const { timestamp } of new EncodedPacketSink(track!).packets()) pictures.push(timestamp);
	expect(pictures).toHaveLength(60);
	expect(Math.max(...pictures)).toBeCloseTo((clip.seconds * 59) / 60, 1);
	expect((await input.getMimeType()).split(';')[0]).toBe('video/mp4');
});
