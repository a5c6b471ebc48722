import type { FastifyInstance, FastifyRequest } from 'fastify';
import { EXAMPLE_PROMPT, OXEN_MODEL_ID, parametersWithImageAs, priceUsd, type Parameter } from '../ray';
import { refusal } from './manners';

/** /api/ai/models (Oxen docs: models). Answers without a key, like the real one. */
export function serveModels(app: FastifyInstance): void {
	const model = describeModel();

	app.get('/api/ai/models', { config: { endpoint: 'models', open: true } }, async () => ({
		object: 'list',
		data: [model],
	}));

	app.get(
		'/api/ai/models/search',
		{ config: { endpoint: 'models', open: true } },
		async (request: FastifyRequest<{ Querystring: { search?: string } }>) => {
			const words = (request.query.search ?? '').toLowerCase().split(/[\s-]+/);
			const text = `${model.id} ${model.display_name}`.toLowerCase();
			return { object: 'list', data: words.every((word) => text.includes(word)) ? [model] : [] };
		},
	);

	app.get(
		'/api/ai/models/:id',
		{ config: { endpoint: 'model', open: true } },
		async (request: FastifyRequest<{ Params: { id: string } }>, reply) => {
			const { id } = request.params;
			return id === OXEN_MODEL_ID ? model : refusal(reply, 404, `Model not found: ${id}`);
		},
	);
}

function describeModel() {
	const parameters = parametersWithImageAs('input_image');
	const perSecond = (resolution: string) => priceUsd({ aspectRatio: '16:9', resolution, duration: '5s' }) / 5;
	return {
		id: OXEN_MODEL_ID,
		object: 'model',
		display_name: 'Luma Ray 3.2 - Image to Video',
		description: 'Image-to-video with prompt control, up to 1080p',
		endpoint: '/ai/videos/generate',
		capabilities: { input: ['text', 'image'], output: ['video'] },
		pricing: {
			method: 'per_second',
			cost_per_second: perSecond('540p'),
			cost_per_second_by_resolution: Object.fromEntries(
				['540p', '720p', '1080p'].map((resolution) => [resolution, perSecond(resolution)]),
			),
		},
		json_request_schema: {
			type: 'object',
			properties: Object.fromEntries(parameters.map((parameter) => [parameter.name, schemaOf(parameter)])),
			required: parameters.filter(({ required }) => required).map(({ name }) => name),
		},
	};
}

function schemaOf({ name, type, options, default: fallback, description }: Parameter) {
	return {
		...(type === 'strings' ? { type: 'array', items: { type: 'string' } } : { type }),
		description,
		...(options && { enum: options }),
		// Unlike fal, Oxen names no default for loop, and gives one for the prompt.
		...(fallback !== undefined && name !== 'loop' && { default: fallback }),
		...(name === 'prompt' && { default: EXAMPLE_PROMPT }),
		...(name === 'input_image' && { format: 'uri' }),
	};
}
