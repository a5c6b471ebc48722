import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { ContenderName } from '../contenders';
import type { Load } from '../contenders/contender';
import type { MeasureId } from '../measures';
import type { Scenario, Stage } from './stage';

/** The memory that a large file takes. Each run has its own process, because processes rarely return memory. */

const SHORT_JOB = { shortestSeconds: 1, longestSeconds: 1 };

/** `fal.subscribe` does not download the video, so it is not measured here. */
export const download: Scenario = {
	label: 'Large download',
	async run(stage) {
		const load = { items: 1, download: true };
		await inFreshProcesses(stage, 'download', ['nodeStream', 'httpLoop'], load, stage.size.downloadBytes);
	},
};

/** The HTTP loop is not measured: it sends a URL. */
export const upload: Scenario = {
	label: 'Large upload',
	async run(stage) {
		const folder = await mkdtemp(join(tmpdir(), 'luma-ray-bench-image-'));
		try {
			const imageFile = join(folder, 'image.png');
			await writeFileOf(stage.size.uploadBytes, imageFile);
			await inFreshProcesses(stage, 'upload', ['nodeStream', 'falPoll'], { items: 1, imageFile });
		} finally {
			await rm(folder, { recursive: true, force: true });
		}
	},
};

/**
 * Large enough to be uploaded in parts. Only the node is measured here; the scenario `upload` compares it with fal's
 * client.
 */
export const sourceVideo: Scenario = {
	label: 'Large source video',
	async run(stage) {
		const folder = await mkdtemp(join(tmpdir(), 'luma-ray-bench-source-'));
		try {
			const file = join(folder, 'source.mp4');
			await writeFileOf(stage.size.sourceVideoBytes, file);
			await inFreshProcesses(stage, 'sourceVideo', ['nodeStream'], { items: 1, sourceVideo: file });
		} finally {
			await rm(folder, { recursive: true, force: true });
		}
	},
};

async function inFreshProcesses(
	{ size, track, figures, contenders }: Stage,
	measure: MeasureId,
	doers: ContenderName[],
	load: Load,
	videoBytes?: number,
): Promise<void> {
	const able = doers.filter((name) => contenders.includes(name));
	for (let repetition = 0; repetition < size.repetitions; repetition++) {
		// The runs overlap, because speed is not measured here.
		await Promise.all(
			able.map(async (contender) => {
				const runner = await track.start(contender, videoBytes);
				const { sample } = await runner.run(load, SHORT_JOB);
				figures.add(measure, contender, sample.addedBytes / 1e6);
				await runner.end();
			}),
		);
	}
}

async function writeFileOf(bytes: number, file: string): Promise<void> {
	const chunk = Buffer.alloc(64 * 1024);
	function* chunks() {
		for (let left = bytes; left > 0; left -= chunk.length)
			yield chunk.subarray(0, Math.min(left, chunk.length));
	}
	await pipeline(Readable.from(chunks()), createWriteStream(file));
}
