import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { StoredPart } from '../files';
import type { FalContext } from './context';

type PartRequest = FastifyRequest<{
	Params: { id: string; name: string; part: string };
	Querystring: { signature?: string };
}>;

interface Pending {
	contentType: string;
	signature: string;
	/** The parts by number. A part that is sent again replaces the earlier one. */
	parts: Map<number, StoredPart & { etag: string }>;
}

/** The limit of S3. fal's own limit is not documented. */
const MOST_PARTS = 10_000;

/**
 * Uploads in parts, as @fal-ai/client sends files above 90 MB. `PUT upload_url/{n}` needs no key and returns a part
 * number and an ETag. Then `POST upload_url/complete` lists all parts.
 */
export class MultipartUploads {
	private readonly pending = new Map<string, Pending>();

	constructor(private readonly context: FalContext) {}

	/** Announces an upload to this path. */
	begin(path: string, contentType: string): { upload_url: string; file_url: string } {
		const signature = randomUUID();
		// Requests contain the path in its decoded form.
		this.pending.set(decodeURIComponent(path), { contentType, signature, parts: new Map() });
		const { cdn } = this.context.urls;
		return {
			upload_url: `${cdn}/upload/${path}?signature=${signature}`,
			file_url: `${cdn}/files/u/${path}`,
		};
	}

	serve(app: FastifyInstance): void {
		app.put(
			'/upload/:id/:name/:part',
			{ config: { endpoint: 'uploadPart', open: true } },
			async (request: PartRequest, reply) => {
				const upload = this.uploadOf(request, reply);
				if (!upload) return reply;
				const number = Number(request.params.part);
				if (!Number.isInteger(number) || number < 1 || number > MOST_PARTS) {
					return reply.code(400).send({ detail: `'${request.params.part}' is not a part number` });
				}
				const part = await this.context.files.store(contentOf(request));
				request.record.body = part.body;
				const etag = `"${part.body.sha256.slice(0, 32)}"`;
				upload.parts.set(number, { ...part, etag });
				return reply.header('etag', etag).send({ partNumber: number, etag });
			},
		);

		app.post(
			'/upload/:id/:name/complete',
			{ config: { endpoint: 'uploadComplete', open: true } },
			async (request: PartRequest, reply) => {
				const upload = this.uploadOf(request, reply);
				if (!upload) return reply;
				const named = partsIn(await text(contentOf(request)));
				const parts = named?.map(({ partNumber, etag }) => {
					const part = upload.parts.get(partNumber as number);
					return part?.etag === etag ? part : undefined;
				});
				const isInOrder = named?.every(
					({ partNumber }, index) =>
						index === 0 || (partNumber as number) > (named[index - 1].partNumber as number),
				);
				if (!parts || parts.length === 0 || !isInOrder || parts.includes(undefined)) {
					return reply.code(400).send({ detail: 'The parts are not those that were uploaded' });
				}
				const name = nameOf(request);
				this.pending.delete(name);
				this.context.files.join(name, upload.contentType, parts as StoredPart[]);
				request.record.body = { parts: named, ...(await this.context.files.measure(name)) };
				return {};
			},
		);
	}

	clear(): void {
		this.pending.clear();
	}

	/** The upload that a request belongs to. If it does not exist, answers the request and returns undefined. */
	private uploadOf(request: PartRequest, reply: FastifyReply): Pending | undefined {
		const upload = this.pending.get(nameOf(request));
		if (upload?.signature === request.query.signature) return upload;
		void reply.code(upload ? 403 : 404).send({ detail: upload ? 'Wrong signature' : 'Upload not found' });
		return undefined;
	}
}

function nameOf({ params }: PartRequest): string {
	return `${params.id}/${params.name}`;
}

/** A body without a content type has not been parsed: it is still the raw request stream. */
export function contentOf(request: FastifyRequest): Readable {
	return (request.body ?? request.raw) as Readable;
}

function partsIn(json: string): Array<{ partNumber?: unknown; etag?: unknown }> | undefined {
	try {
		const { parts } = JSON.parse(json) as { parts?: unknown };
		return Array.isArray(parts) ? (parts as Array<{ partNumber?: unknown; etag?: unknown }>) : undefined;
	} catch {
		return undefined;
	}
}
