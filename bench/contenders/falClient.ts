import { readFile } from 'node:fs/promises';

import { createFalClient } from '@fal-ai/client';

import { INPUT, MODEL, mustHaveMade, type Contender } from './contender';

/** fal's own client, used as its documentation shows: `fal.subscribe`. It does not download the video. */
export function falClient(mode: 'polling' | 'streaming'): Contender {
	return async (load, { key, queueUrl, restUrl }) => {
		const hosts: { [host: string]: string } = {
			'queue.fal.run': queueUrl,
			'rest.fal.ai': restUrl,
			'rest.alpha.fal.ai': restUrl,
		};
		const fal = createFalClient({
			credentials: key,
			requestMiddleware: async (request) => {
				const { host, origin, pathname, search } = new URL(request.url);
				return { ...request, url: `${hosts[host] ?? origin}${pathname}${search}` };
			},
		});
		const subscribe = async () => {
			const image = load.imageFile && new Blob([await readFile(load.imageFile)], { type: 'image/png' });
			const image_url = image ? await fal.storage.upload(image) : INPUT.image_url;
			return await fal.subscribe(MODEL, { input: { ...INPUT, image_url }, mode });
		};
		return async () => {
			const made = await Promise.all(Array.from({ length: load.items }, subscribe));
			mustHaveMade(made.filter(({ data }) => data.video.url).length, load);
		};
	};
}
