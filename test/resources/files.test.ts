import type { IExecuteFunctions } from 'n8n-workflow';

import { rememberedFile } from '../../nodes/LumaRay/resources/video/files';

test("a file from an earlier try keeps its size if n8n's store does not answer", async () => {
	const context = {
		helpers: {
			assertBinaryData: () => ({
				id: 'filesystem-v2:x',
				mimeType: 'image/png',
				fileName: 'tiger.png',
				data: '',
			}),
			getBinaryMetadata: async () => await Promise.reject(new Error('the store does not answer')),
		},
	} as unknown as IExecuteFunctions;
	const stored = {
		field: 'data',
		fileName: 'tiger.png',
		mimeType: 'image/png',
		bytes: 12_345,
		identity: 'filesystem-v2:x',
	};
	expect(await rememberedFile(context, 0, stored)).toMatchObject(stored);
});
