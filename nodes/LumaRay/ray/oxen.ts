import type { RayTable } from './table';

/**
 * Luma Ray 3.2 image to video at Oxen.ai, from the model's page at docs.oxen.ai.
 * The page names no prices in USD, only their proportions (720p twice, 1080p four times, 10s twice) and that
 * the model is served through fal, so the table holds fal's prices.
 */
export const oxenTable: RayTable = {
	name: 'Oxen.ai',
	model: 'luma-ray-v3-2-image-to-video',
	aspectRatios: ['3:1', '2:1', '21:9', '16:9', '4:3', '3:2', '1:1', '3:4', '2:3', '9:16', '1:2', '1:3'],
	resolutions: ['540p', '720p', '1080p'],
	durations: ['5s', '10s'],
	loopDurations: ['5s'],
	// The largest file that Oxen's upload is known to take in one piece.
	maxImageBytes: 90_000_000,
	// Data URIs up to about 12 MB are known to work on the queue; base64 makes 4 bytes of 3.
	maxInlineImageBytes: 9_000_000,
	pricedBy: ['model', 'target_namespace', 'resolution', 'duration', 'hdr', 'exr_export', 'keyframes'],
	generationsField: 'num_generations',
	pricesUsd: {
		'540p': { '5s': 0.5, '10s': 1 },
		'720p': { '5s': 1, '10s': 2 },
		'1080p': { '5s': 2, '10s': 4 },
	},
	pricesFrom: {
		source: 'https://docs.oxen.ai (proportions) and https://fal.ai/models/luma/agent/ray/v3.2/image-to-video',
		date: '2026-11-21',
	},
};
