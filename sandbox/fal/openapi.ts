import { EXAMPLE_PROMPT, FAL_ENDPOINT_ID, parametersWithImageAs, type Parameter } from '../ray';
import { APP } from './context';

function schemaOf({ name, type, options, default: fallback, description }: Parameter) {
	const title = name.replace(/_/g, ' ').replace(/\b\w/g, (letter) => letter.toUpperCase());
	return {
		title,
		description,
		...(type === 'strings' ? { type: 'array', items: { type: 'string' } } : { type }),
		...(options && { enum: options }),
		...(fallback !== undefined && { default: fallback }),
		...(name === 'prompt' && { examples: [EXAMPLE_PROMPT] }),
	};
}

/** The document that fal gives for an endpoint (`expand=openapi-3.0`), as far as a client reads it. */
export function openApiDocument() {
	const parameters = parametersWithImageAs('image_url');
	const requestPath = `${APP}/requests/{request_id}`;
	const requestId = { name: 'request_id', in: 'path', required: true, schema: { type: 'string' } };
	const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
	const json = (schema: unknown) => ({ 'application/json': { schema } });
	const answers = (schema: string) => ({
		responses: { 200: { description: 'The answer.', content: json(ref(schema)) } },
	});
	return {
		openapi: '3.0.4',
		info: {
			title: `Queue OpenAPI for ${FAL_ENDPOINT_ID}`,
			version: '1.0.0',
			description: `The OpenAPI schema for the ${FAL_ENDPOINT_ID} queue.`,
			'x-fal-metadata': { endpointId: FAL_ENDPOINT_ID, category: 'image-to-video' },
		},
		components: {
			securitySchemes: { apiKeyAuth: { type: 'apiKey', in: 'header', name: 'Authorization' } },
			schemas: {
				RayV32ImageToVideoInput: {
					title: 'RayV32ImageToVideoInput',
					type: 'object',
					properties: Object.fromEntries(
						parameters.map((parameter) => [parameter.name, schemaOf(parameter)]),
					),
					required: parameters.filter(({ required }) => required).map(({ name }) => name),
					'x-fal-order-properties': parameters.map(({ name }) => name),
				},
				RayV32ImageToVideoOutput: {
					title: 'RayV32ImageToVideoOutput',
					type: 'object',
					properties: { video: ref('File') },
					required: ['video'],
				},
				File: {
					title: 'File',
					type: 'object',
					properties: {
						url: { type: 'string' },
						content_type: { type: 'string' },
						file_name: { type: 'string' },
						file_size: { type: 'integer' },
					},
					required: ['url'],
				},
				QueueStatus: {
					type: 'object',
					properties: {
						status: { type: 'string', enum: ['IN_QUEUE', 'IN_PROGRESS', 'COMPLETED'] },
						request_id: { type: 'string' },
						queue_position: { type: 'integer' },
					},
					required: ['status', 'request_id'],
				},
			},
		},
		paths: {
			[`/${FAL_ENDPOINT_ID}`]: {
				post: {
					requestBody: { required: true, content: json(ref('RayV32ImageToVideoInput')) },
					...answers('QueueStatus'),
				},
			},
			[`${requestPath}/status`]: { get: { parameters: [requestId], ...answers('QueueStatus') } },
			[requestPath]: { get: { parameters: [requestId], ...answers('RayV32ImageToVideoOutput') } },
			[`${requestPath}/cancel`]: { put: { parameters: [requestId], ...answers('QueueStatus') } },
		},
		servers: [{ url: 'https://queue.fal.run' }],
		security: [{ apiKeyAuth: [] }],
	};
}
