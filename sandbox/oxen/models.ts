import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
	EXAMPLE_PROMPT,
	perSecondUsd,
	requiredNames,
	valueSchemaOf,
	type Model,
	type Operation,
	type Parameter,
	type Schema,
} from '../ray';
import type { OxenContext } from './context';
import { refusal } from './manners';

/** /api/ai/models (Oxen docs: models). It needs no key, like the real one. */
export function serveModels(app: FastifyInstance, { catalogue }: OxenContext): void {
	const models = catalogue.all('oxen').map(describe);

	app.get('/api/ai/models', { config: { endpoint: 'models', open: true } }, async () => ({
		object: 'list',
		data: models,
	}));

	app.get(
		'/api/ai/models/search',
		{ config: { endpoint: 'models', open: true } },
		async (request: FastifyRequest<{ Querystring: { search?: string } }>) => {
			const words = (request.query.search ?? '').toLowerCase().split(/[\s-]+/);
			const isFound = ({ id, display_name: name }: (typeof models)[number]) =>
				words.every((word) => `${id} ${name}`.toLowerCase().includes(word));
			return { object: 'list', data: models.filter(isFound) };
		},
	);

	app.get(
		'/api/ai/models/:id',
		{ config: { endpoint: 'model', open: true } },
		async (request: FastifyRequest<{ Params: { id: string } }>, reply) => {
			const { id } = request.params;
			return models.find((model) => model.id === id) ?? refusal(reply, 404, `Model not found: ${id}`);
		},
	);
}

const DETAILS: Record<Operation, { name: string; description: string; input: string[] }> = {
	'image-to-video': {
		name: 'Image to Video',
		description: 'Image-to-video with prompt control, up to 1080p',
		input: ['text', 'image'],
	},
	'text-to-video': {
		name: 'Text to Video',
		description: 'Text-to-video with prompt control, up to 1080p',
		input: ['text'],
	},
	'video-to-video': {
		name: 'Video to Video',
		description: 'Video editing with prompt control, up to 1080p',
		input: ['text', 'video', 'image'],
	},
	reframe: {
		name: 'Reframe',
		description: 'Gives a video another aspect ratio, up to 1080p',
		input: ['text', 'video'],
	},
};

function describe({ id, operation, parameters, prices }: Model) {
	const { name, description, input } = DETAILS[operation];
	const perSecond = perSecondUsd(prices);
	return {
		id,
		object: 'model',
		display_name: `Luma Ray 3.2 - ${name}`,
		description,
		endpoint: '/ai/videos/generate',
		capabilities: { input, output: ['video'] },
		pricing: {
			method: 'per_second',
			cost_per_second: perSecond['540p'],
			cost_per_second_by_resolution: perSecond,
		},
		json_request_schema: objectSchema('', parameters),
	};
}

function objectSchema(_name: string, parameters: readonly Parameter[]): Schema {
	return {
		type: 'object',
		properties: Object.fromEntries(parameters.map((parameter) => [parameter.name, schemaOf(parameter)])),
		required: requiredNames(parameters),
	};
}

function schemaOf(parameter: Parameter): Schema {
	const { name, type, default: fallback, description, loads } = parameter;
	return {
		...valueSchemaOf(parameter, objectSchema),
		description,
		// Unlike fal, Oxen lists no default for loop, but lists one for the prompt.
		...(fallback !== undefined && name !== 'loop' && { default: fallback }),
		...(name === 'prompt' && { default: EXAMPLE_PROMPT }),
		...(loads && type === 'string' && { format: 'uri' }),
	};
}
