import type { FileSource } from '../../nodes/LumaRay/models/files';
import { uploadFile } from '../../nodes/LumaRay/providers/fal/storage';
import type { FalWire } from '../../nodes/LumaRay/providers/fal/wire';
import { uploadInto } from '../../nodes/LumaRay/providers/oxen/repository';
import type { OxenWire } from '../../nodes/LumaRay/providers/oxen/wire';
import { newProcess } from '../support/virtualTime';

/**
 * An upload whose request cannot be sent. If n8n had opened a file stream for it, its file descriptor would stay open
 * forever.
 */

const UNSENT = { answered: false, reason: 'unsent', why: 'nothingListens' };
const PLACE = {
	answered: true,
	status: 200,
	headers: {},
	body: {
		json: { upload_url: 'https://a.example.com/up', file_url: 'https://a.example.com/file' },
		text: '',
	},
};

test.each(['fal', 'oxen'])(
	'does not open the file if the upload request cannot be sent to %s',
	async (provider) => {
		const open = vi.fn();
		const file = { fileName: 'a.png', mimeType: 'image/png', bytes: 9, identity: 'a', field: 'data', open };
		const { signal } = new AbortController();
		const clock = newProcess();
		const source = file as Partial<FileSource> as FileSource;
		const plain = async () => UNSENT;
		const uploaded =
			provider === 'fal'
				? await uploadFile(
						{
							clock,
							endpoints: { restUrl: 'https://rest.fal.ai' },
							http: { authenticated: async () => PLACE, plain },
						} as unknown as FalWire,
						source,
						signal,
					)
				: await uploadInto(
						{ clock, baseUrl: 'https://hub.oxen.ai', http: { authenticated: plain } } as unknown as OxenWire,
						{ repository: 'me/files', branch: 'main' },
						source,
						signal,
					);
		expect(uploaded).toMatchObject({ ok: false, transient: true });
		expect(open).not.toHaveBeenCalled();
	},
);
