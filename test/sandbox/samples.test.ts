import { ALL_FORMATS, BufferSource, Input } from 'mediabunny';
import { sampleVideo } from '../../sandbox/samples';

/** The longer side by ratio and resolution; the p of a resolution is the shorter side. */
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

const clips = Object.entries(LONGER_SIDE).flatMap(([ratio, sides]) =>
	RESOLUTIONS.flatMap((resolution, index) =>
		['5s', '10s'].flatMap((duration) => {
			const [long, short] = [sides[index], parseInt(resolution)];
			const upright = ratio.split(':').reverse().join(':');
			const wide = { aspectRatio: ratio, resolution, duration, width: long, height: short };
			const tall = { aspectRatio: upright, resolution, duration, width: short, height: long };
			return ratio === '1:1' || ratio === '21:9' ? [wide] : [wide, tall];
		}),
	),
);

test('there is a sample for each of 12 ratios, 3 resolutions and 2 durations', () => {
	expect(clips).toHaveLength(12 * 3 * 2);
});

test.each(clips)('$aspectRatio $resolution $duration plays as asked', async (clip) => {
	const input = new Input({ source: new BufferSource(sampleVideo(clip)), formats: ALL_FORMATS });
	const track = await input.getPrimaryVideoTrack();
	expect(track).toMatchObject({ codec: 'avc', codedWidth: clip.width, codedHeight: clip.height });
	expect(await track!.computeDuration()).toBeCloseTo(parseInt(clip.duration), 1);
	expect((await input.getMimeType()).split(';')[0]).toBe('video/mp4');
});
