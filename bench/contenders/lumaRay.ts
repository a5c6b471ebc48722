import { createReadStream } from 'node:fs';

import { ANIMATE, runNode, sandboxCredentials } from '../../harness/engine/engine';
import { Container } from '@n8n/di';
import { BinaryDataService } from 'n8n-core';
import type { IBinaryData, INodeExecutionData } from 'n8n-workflow';

import { INPUT, mustHaveMade, type Contender } from './contender';

/**
 * This package's node in n8n's own engine.
 * @param follow the node's option of that name
 */
export function lumaRay(follow: 'auto' | 'poll'): Contender {
	return async (load, { ...fal }) => {
		const item = load.imageFile === undefined ? { json: {} } : await itemWithImage(load.imageFile);
		const items = Array.from({ length: load.items }, () => item);
		return async () => {
			const { items: made, error } = await runNode({
				items,
				credentials: sandboxCredentials({ fal, oxen: { key: '', baseUrl: '' } } as never),
				parameters: {
					...ANIMATE,
					prompt: INPUT.prompt,
					...(load.imageFile === undefined ? {} : { imageSource: 'binary', imageBinaryField: 'data' }),
					downloadVideo: load.download ?? false,
					options: { follow },
				},
			});
			if (error) throw new Error(`${error.message} ${error.description ?? ''}`);
			mustHaveMade(made.filter(({ json }) => json.status === 'succeeded').length, load);
		};
	};
}

/** An item whose image lies in n8n's binary store on the disk, where n8n 2 keeps it. */
async function itemWithImage(file: string): Promise<INodeExecutionData> {
	const store = Container.get(BinaryDataService);
	await store.init();
	const place = { type: 'execution', workflowId: 'workflow', executionId: '0' } as const;
	const about: IBinaryData = { data: '', mimeType: 'image/png', fileName: 'image.png' };
	return { json: {}, binary: { data: await store.store(place, createReadStream(file), about) } };
}
