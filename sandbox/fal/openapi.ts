import {
	EXAMPLE_PROMPT,
	requiredNames,
	valueSchemaOf,
	type Model,
	type Parameter,
	type Schema,
} from '../ray';
import { APP } from './context';

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const titleOf = (name: string) => name.replace(/_/g, ' ').replace(/\b\w/g, (letter) => letter.toUpperCase());
const pascalCase = (name: string) => titleOf(name.replace(/-/g, '_')).replace(/ /g, '');

/** The components of a document. Objects inside an input are separate components, as pydantic generates them. */
class Components {
	readonly schemas: Record<string, Schema> = {};

	addObject(name: string, parameters: readonly Parameter[]): Schema {
		this.schemas[name] = {
			title: name,
			type: 'object',
			properties: Object.fromEntries(parameters.map((one) => [one.name, this.schemaOf(one)])),
			required: requiredNames(parameters),
			'x-fal-order-properties': parameters.map((one) => one.name),
		};
		return ref(name);
	}

	private schemaOf(parameter: Parameter): Schema {
		const { name, default: fallback, description } = parameter;
		return {
			title: titleOf(name),
			description,
			...valueSchemaOf(parameter, (object, properties) => this.addObject(pascalCase(object), properties)),
			...(fallback !== undefined && { default: fallback }),
			...(name === 'prompt' && { examples: [EXAMPLE_PROMPT] }),
		};
	}
}

/** The output of each model: a video, and maybe an EXR file. */
function addOutput({ schemas }: Components, name: string, { hasExr }: Model): void {
	schemas[name] = {
		title: name,
		type: 'object',
		properties: {
			video: ref('File'),
			...(hasExr && { exr_file: { title: 'Exr File', anyOf: [ref('File'), { type: 'null' }] } }),
		},
		required: ['video'],
	};
	const orNull = (type: string) => (hasExr ? { anyOf: [{ type }, { type: 'null' }] } : { type });
	schemas.File = {
		title: 'File',
		type: 'object',
		properties: {
			url: { type: 'string' },
			content_type: orNull('string'),
			file_name: orNull('string'),
			file_size: orNull('integer'),
		},
		required: ['url'],
	};
}

/** The document that fal returns for an endpoint (`expand=openapi-3.0`), limited to the parts that clients read. */
export function openApiDocument(model: Model, category: string) {
	const { id, parameters } = model;
	const name = `RayV32${pascalCase(model.operation)}`;
	const components = new Components();
	components.addObject(`${name}Input`, parameters);
	addOutput(components, `${name}Output`, model);
	components.schemas.QueueStatus = {
		type: 'object',
		properties: {
			status: { type: 'string', enum: ['IN_QUEUE', 'IN_PROGRESS', 'COMPLETED'] },
			request_id: { type: 'string' },
			queue_position: { type: 'integer' },
		},
		required: ['status', 'request_id'],
	};
	return {
		openapi: '3.0.4',
		info: {
			title: `Queue OpenAPI for ${id}`,
			version: '1.0.0',
			description: `The OpenAPI schema for the ${id} queue.`,
			'x-fal-metadata': { endpointId: id, category },
		},
		components: {
			securitySchemes: { apiKeyAuth: { type: 'apiKey', in: 'header', name: 'Authorization' } },
			schemas: components.schemas,
		},
		paths: pathsOf(id, name),
		servers: [{ url: 'https://queue.fal.run' }],
		security: [{ apiKeyAuth: [] }],
	};
}

function pathsOf(id: string, name: string) {
	const requestPath = `${APP}/requests/{request_id}`;
	const requestId = { name: 'request_id', in: 'path', required: true, schema: { type: 'string' } };
	const json = (schema: unknown) => ({ 'application/json': { schema } });
	const answers = (schema: string) => ({
		responses: { 200: { description: 'The answer.', content: json(ref(schema)) } },
	});
	return {
		[`/${id}`]: {
			post: {
				requestBody: { required: true, content: json(ref(`${name}Input`)) },
				...answers('QueueStatus'),
			},
		},
		[`${requestPath}/status`]: { get: { parameters: [requestId], ...answers('QueueStatus') } },
		[requestPath]: { get: { parameters: [requestId], ...answers(`${name}Output`) } },
		[`${requestPath}/cancel`]: { put: { parameters: [requestId], ...answers('QueueStatus') } },
	};
}
