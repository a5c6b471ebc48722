import { offeredParameters } from '../../nodes/LumaRay/models/catalogue';
import { CONTROL_ROWS } from '../../nodes/LumaRay/models/controls';
import { MODEL_NAMES, type ModelName } from '../../nodes/LumaRay/models/names';
import { PARAMETER_NAMES, PARAMETERS, type ParameterName } from '../../nodes/LumaRay/models/parameters';
import { CATALOGUES } from '../../nodes/LumaRay/providers/catalogues';

/**
 * The output of each operation as JSON Schema. n8n's editor offers these fields to the next node before anything has
 * run, and its AI assistant reads them. They describe the simplified items, which are the default.
 *
 * The editor shows the fields of an object only if its type is the plain word `object`. So a value is declared as
 * nullable only if it can really be null.
 */

/** A JSON Schema, limited to what n8n 2.41 reads. */
export interface OutputSchema {
	type?: string | string[];
	enum?: string[];
	properties?: { [key: string]: OutputSchema };
	items?: OutputSchema;
}

const TEXT: OutputSchema = { type: 'string' };
const NUMBER: OutputSchema = { type: 'number' };
const FLAG: OutputSchema = { type: 'boolean' };
const STATUS: OutputSchema = {
	type: 'string',
	enum: ['queued', 'running', 'succeeded', 'failed', 'cancelled'],
};
/** Any object that the provider sent. */
const ANYTHING: OutputSchema = { type: 'object' };

const object = (properties: { [key: string]: OutputSchema }): OutputSchema => ({
	type: 'object',
	properties,
});
const list = (items: OutputSchema): OutputSchema => ({ type: 'array', items });
const orNull = (schema: OutputSchema): OutputSchema => ({
	...schema,
	type: [schema.type, 'null'].flat() as string[],
});

const FILE = object({
	url: TEXT,
	contentType: orNull(TEXT),
	fileName: orNull(TEXT),
	fileSize: orNull(NUMBER),
});
const COST = object({
	estimatedUsd: orNull(NUMBER),
	source: orNull(TEXT),
	actualUsd: orNull(NUMBER),
	// Present only if there is no estimate.
	reason: TEXT,
});
const TIMES = { submittedAt: orNull(TEXT), completedAt: orNull(TEXT) };
const TIMING = object({ ...TIMES, queueSeconds: orNull(NUMBER), runSeconds: orNull(NUMBER) });
const LOGS = list(object({ message: TEXT, timestamp: TEXT, level: TEXT }));

/**
 * The type of a parameter in the output, by its kind. A parameter that was not sent, or that has no address, is null.
 */
const BY_KIND: { [kind in (typeof PARAMETERS)[ParameterName]['kind']]: OutputSchema } = {
	text: TEXT,
	option: orNull(TEXT),
	flag: FLAG,
	file: orNull(TEXT),
	files: list(orNull(TEXT)),
	keyframes: orNull(list(object({ imageUrl: orNull(TEXT), seconds: NUMBER }))),
	controls: orNull(
		object(
			Object.fromEntries(
				CONTROL_ROWS.flatMap(({ name, amount }) => [
					[name, FLAG],
					...(amount ? [[amount.name, amount.options ? TEXT : NUMBER]] : []),
				]),
			),
		),
	),
};

/** The parameters of all models of all providers. */
function parametersOf(model: ModelName): OutputSchema {
	const offered = Object.values(CATALOGUES).flatMap(({ models }) => offeredParameters(models[model]));
	const names = PARAMETER_NAMES.filter((name) => offered.includes(name));
	return object(Object.fromEntries(names.map((name) => [name, BY_KIND[PARAMETERS[name].kind]])));
}

/** Whether any model of any provider can also deliver an EXR file. */
function deliversExr(model: ModelName): boolean {
	return Object.values(CATALOGUES)
		.flatMap(({ models }) => models[model].editions)
		.some(({ parameters, others = [] }) => parameters.exrExport ?? others.includes('exr_export'));
}

/** A job that the operation has submitted. With Submit Only, it has no video yet. */
const orderedVideo = (model: ModelName): OutputSchema =>
	object({
		videoUrl: orNull(TEXT),
		status: STATUS,
		// Oxen.ai's blocking call returns no request ID.
		requestId: orNull(TEXT),
		provider: TEXT,
		model: TEXT,
		video: orNull(FILE),
		...(deliversExr(model) ? { exrFile: FILE } : {}),
		parameters: parametersOf(model),
		cost: COST,
		timing: TIMING,
		logs: LOGS,
	});

/** A job about which only the request ID is known. Keys without a value are left out, except the model. */
const KNOWN_JOB = {
	videoUrl: TEXT,
	status: STATUS,
	requestId: TEXT,
	provider: TEXT,
	model: orNull(TEXT),
	video: FILE,
	exrFile: FILE,
	cost: COST,
	timing: TIMING,
};
/** A failed job is an item for Get, and an error for Wait. */
const GOT_JOB = object({ ...KNOWN_JOB, errorMessage: TEXT });
const AWAITED_JOB = object({ ...KNOWN_JOB, logs: LOGS });

const LISTED_JOB: OutputSchema = object({
	videoUrl: orNull(TEXT),
	status: STATUS,
	requestId: TEXT,
	provider: TEXT,
	model: orNull(TEXT),
	parameters: object({ prompt: orNull(TEXT), imageUrl: orNull(TEXT), videoUrl: orNull(TEXT) }),
	cost: object({ actualUsd: orNull(NUMBER) }),
	timing: object(TIMES),
	errorMessage: TEXT,
});

const CANCELLED: OutputSchema = object({ provider: TEXT, requestId: TEXT, cancelled: FLAG, status: STATUS });

const MODEL: OutputSchema = object({
	provider: TEXT,
	model: TEXT,
	differences: list(object({ parameter: TEXT, change: TEXT, options: list(TEXT), meaning: TEXT })),
	schema: ANYTHING,
	details: ANYTHING,
});

const ESTIMATE: OutputSchema = object({
	provider: TEXT,
	model: TEXT,
	resolution: TEXT,
	duration: TEXT,
	count: NUMBER,
	clipUsd: orNull(NUMBER),
	totalUsd: orNull(NUMBER),
	source: orNull(TEXT),
	reason: TEXT,
	priceDate: TEXT,
});

/** The schemas by resource and operation, the keys by which n8n looks them up. */
export const OUTPUT_SCHEMAS: { [resource: string]: { [operation: string]: OutputSchema } } = {
	video: Object.fromEntries(MODEL_NAMES.map((model) => [model, orderedVideo(model)])),
	generation: { get: GOT_JOB, getMany: LISTED_JOB, wait: AWAITED_JOB, cancel: CANCELLED },
	model: { get: MODEL, estimateCost: ESTIMATE },
};
