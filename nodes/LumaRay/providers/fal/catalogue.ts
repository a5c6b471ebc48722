import type { Catalogue } from '../../models/catalogue';

/** Luma Ray 3.2 at fal.ai. */
export const FAL: Catalogue = {
	id: 'fal',
	name: 'fal.ai',
	maxFileBytes: {
		// The largest image that fal's storage takes in one piece (its own client, storage.ts).
		image: 90_000_000,
		// The largest video that Luma takes: 5 GiB.
		video: 5 * 1024 ** 3,
	},
	pricedBy: ['resolution', 'duration', 'hdr', 'exr_export', 'keyframes', 'keyframe_indexes'],
	models: {
		animate: {
			endpoint: 'luma/agent/ray/v3.2/image-to-video',
			editions: [
				{
					id: 'launch',
					date: '2026-11-21',
					source: 'https://fal.ai/models/luma/agent/ray/v3.2/image-to-video',
					parameters: {
						imageUrl: { wire: 'image_url', required: true },
						prompt: { wire: 'prompt', required: true },
						aspectRatio: {
							wire: 'aspect_ratio',
							options: [
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
							],
						},
						resolution: { wire: 'resolution', options: ['540p', '720p', '1080p'] },
						duration: { wire: 'duration', options: ['5s', '10s'] },
						loop: { wire: 'loop' },
						referenceImageUrls: { wire: 'reference_image_urls' },
					},
					rules: [{ if: { parameter: 'loop', is: [true] }, not: { parameter: 'duration', is: ['10s'] } }],
					prices: {
						per: 'clip',
						usd: {
							'540p': { '5s': 0.5, '10s': 1 },
							'720p': { '5s': 1, '10s': 2 },
							'1080p': { '5s': 2, '10s': 4 },
						},
					},
				},
			],
		},
	},
};
