import type { RayTable } from './table';

/** Luma Ray 3.2 image to video at fal.ai, from the model's page at fal.ai/models. */
export const falTable: RayTable = {
	name: 'fal.ai',
	model: 'luma/agent/ray/v3.2/image-to-video',
	aspectRatios: ['3:1', '2:1', '21:9', '16:9', '4:3', '3:2', '1:1', '3:4', '2:3', '9:16', '1:2', '1:3'],
	resolutions: ['540p', '720p', '1080p'],
	durations: ['5s', '10s'],
	loopDurations: ['5s'],
	// Above this size fal's storage wants an upload in parts (its own client, storage.ts).
	maxImageBytes: 90_000_000,
	pricedBy: ['resolution', 'duration', 'hdr', 'exr_export', 'keyframes', 'keyframe_indexes'],
	pricesUsd: {
		'540p': { '5s': 0.5, '10s': 1 },
		'720p': { '5s': 1, '10s': 2 },
		'1080p': { '5s': 2, '10s': 4 },
	},
	pricesFrom: { source: 'https://fal.ai/models/luma/agent/ray/v3.2/image-to-video', date: '2026-11-21' },
};
