import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

import { contextWith } from '../../harness/engine/context';
import { ANIMATE, runNode, sandboxCredentials, type Credentials } from '../../harness/engine/engine';
import { createFal } from '../../nodes/LumaRay/providers/fal/fal';
import type { FileSource } from '../../nodes/LumaRay/models/files';
import type { Order } from '../../nodes/LumaRay/providers/provider';
import { systemClock } from '../../nodes/LumaRay/transport/clock';
import { createHttp } from '../../nodes/LumaRay/transport/http';
import { now } from '../../sandbox/time';
import type { Target } from '../processes/sandbox';
import { Container } from '@n8n/di';
import { BinaryDataService } from 'n8n-core';
import type { IBinaryData, INodeExecutionData } from 'n8n-workflow';

import { INPUT, mustHaveMade, type Contender } from './contender';
import { wakeOf } from './wake';

/**
 * This package's node in n8n's own engine.
 * @param follow the node's option with that name
 */
export function lumaRay(follow: 'auto' | 'poll'): Contender {
	return async (load, { ...fal }) => {
		const credentials = sandboxCredentials({ fal, oxen: { key: '', baseUrl: '' } } as never);
		if (load.sourceVideo !== undefined) return await uploadOf(load.sourceVideo, credentials, fal);
		if (load.wake) return await wakeOf(load.items, credentials, fal);
		const item = load.imageFile === undefined ? { json: {} } : await itemWithImage(load.imageFile);
		const items = Array.from({ length: load.items }, () => item);
		const execute = async (some: INodeExecutionData[]) => {
			const { items: made, error } = await runNode({
				items: some,
				credentials,
				parameters: {
					...ANIMATE,
					prompt: INPUT.prompt,
					...(load.imageFile === undefined ? {} : { imageSource: 'binary', imageBinaryField: 'data' }),
					downloadVideo: load.download ?? false,
					options: { follow },
				},
			});
			if (error) throw new Error(`${error.message} ${error.description ?? ''}`);
			mustHaveMade(made.filter(({ json }) => json.status === 'succeeded').length, { items: some.length });
		};
		return async () => {
			const beside = Array.from({ length: load.beside ?? 0 }, async () => {
				const startedAt = now();
				await execute([item]);
				return now() - startedAt;
			});
			const [, ...tookMs] = await Promise.all([execute(items), ...beside]);
			return tookMs;
		};
	};
}

/**
 * Only the upload, done the same way as the node does it before a submit. The file is streamed from the disk, as in
 * n8n.
 */
async function uploadOf(path: string, credentials: Credentials, fal: Target): Promise<() => Promise<void>> {
	const http = createHttp(contextWith(credentials), 'lumaRayFalApi', [fal.restUrl], [fal.key]);
	const provider = createFal(http, fal, systemClock, false);
	const file: FileSource = {
		field: 'data',
		fileName: 'source.mp4',
		mimeType: 'video/mp4',
		bytes: (await stat(path)).size,
		identity: path,
		open: async () => createReadStream(path),
		read: async () => await Promise.reject(new Error('a source video is never read into memory as a whole')),
	};
	const order = { model: 'edit', input: { videoUrl: file } } as Order;
	return async () => {
		const ready = await provider.prepare(order, new AbortController().signal);
		if (!ready.ok) throw new Error(`The upload failed: ${JSON.stringify(ready.problem)}`);
	};
}

/** An item with its image in n8n's binary store on the disk, the default store of n8n 2. */
async function itemWithImage(file: string): Promise<INodeExecutionData> {
	const store = Container.get(BinaryDataService);
	await store.init();
	const place = { type: 'execution', workflowId: 'workflow', executionId: '0' } as const;
	const about: IBinaryData = { data: '', mimeType: 'image/png', fileName: 'image.png' };
	return { json: {}, binary: { data: await store.store(place, createReadStream(file), about) } };
}
