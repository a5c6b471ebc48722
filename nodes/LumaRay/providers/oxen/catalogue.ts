import type { Catalogue } from '../../models/catalogue';

/** Luma Ray 3.2 at Oxen.ai. */
export const OXEN: Catalogue = {
	id: 'oxen',
	name: 'Oxen.ai',
	// The largest file that Oxen's upload is known to take in one piece.
	maxFileBytes: { image: 90_000_000, video: 90_000_000 },
	// Data URIs up to about 12 MB are known to work on the queue; base64 makes 4 bytes of 3.
	maxInlineFileBytes: 9_000_000,
	generationsField: 'num_generations',
	pricedBy: ['model', 'target_namespace', 'resolution', 'duration', 'hdr', 'exr_export', 'keyframes'],
	models: {
		animate: {
			endpoint: 'luma-ray-v3-2-image-to-video',
			editions: [
				{
					id: 'launch',
					date: '2026-11-21',
					// Oxen names no prices in USD, only their proportions (720p twice, 1080p four times, 10s twice) and
					// that the model is served through fal, so these are fal's prices.
					source:
						'https://docs.oxen.ai (proportions) and https://fal.ai/models/luma/agent/ray/v3.2/image-to-video',
					parameters: {
						imageUrl: { wire: 'input_image', required: true },
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
