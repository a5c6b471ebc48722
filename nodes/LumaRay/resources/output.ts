import {
	NodeOperationError,
	type IBinaryKeyData,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
} from 'n8n-workflow';

import type { PolledJob } from '../jobs/memory';
import type { Job, ListedJob, Order, Outcome, Provider, RemoteVideo } from '../providers/provider';
import { isTaken, offeredParameter, offeredParameters, type Catalogue } from '../models/catalogue';
import { isOption, PARAMETERS, replaceFiles, type ParameterName } from '../models/parameters';
import type { Problem } from '../models/problem';
import type { StoredFiles } from './collect';
import { wordProblem } from './messages';
import { sayNoPrice } from './messages/order';

/** All known facts about a job when its item is built. */
export interface Known {
	catalogue: Catalogue;
	job: Job;
	status: string;
	outcome?: Outcome;
	/** The model that the provider reports, if the outcome does not contain it. */
	model?: string;
	/** Absent for a job that is known only by its request ID. */
	order?: Order;
	withLogs: boolean;
	/** The provider's answer to the submit, if there is no newer answer. */
	answer?: IDataObject;
}

/** The user's settings for the output item of a job. */
export interface OutputForm {
	simplify: boolean;
	/** The binary field that the video goes into. An EXR file goes into the field of this name with EXR_SUFFIX. */
	field: string;
}

export const DEFAULT_FORM: OutputForm = { simplify: true, field: 'data' };

/** Added to the name of the video's binary field for the EXR file. */
const EXR_SUFFIX = '_exr';

/** Must be read before anything is paid, because an expression may throw. */
export function readOutputForm(context: IExecuteFunctions, index: number): OutputForm {
	return {
		simplify: context.getNodeParameter('simplify', index, true) !== false,
		field: String(context.getNodeParameter('outputBinaryField', index, 'data')),
	};
}

/** The output item of a job, with its stored files. */
export function jobItem(
	index: number,
	known: Known,
	{ simplify, field }: OutputForm,
	stored: StoredFiles | undefined,
): INodeExecutionData {
	return {
		json: simplify ? simplified(known) : unsimplified(known),
		...(stored ? { binary: binaryOf(stored, field) } : {}),
		pairedItem: { item: index },
	};
}

function binaryOf({ video, exrFile }: StoredFiles, field: string): IBinaryKeyData {
	return { [field]: video, ...(exrFile ? { [`${field}${EXR_SUFFIX}`]: exrFile } : {}) };
}

/**
 * The item's simplified JSON: the same keys in the same order for every provider and wait mode. Get and Wait leave out
 * keys without a value.
 */
function simplified({ catalogue, job, status, outcome, order, model, withLogs }: Known): IDataObject {
	const { video, exrFile } = outcome ?? {};
	const json = {
		videoUrl: video?.url ?? null,
		status,
		requestId: job.requestId,
		provider: job.provider,
		// A job that is known only by its request ID may be of another model.
		model: order ? catalogue.models[order.model].endpoint : (outcome?.model ?? model ?? null),
		video: video ? fileOf(video) : null,
		parameters: order ? parametersOf(order, job, catalogue) : null,
		cost: costOf(catalogue, order, outcome),
		timing: {
			submittedAt: isoTime(job.submittedAt),
			completedAt: isoTime(outcome?.completedAt),
			queueSeconds: rounded(outcome?.queueSeconds),
			runSeconds: rounded(outcome?.runSeconds),
		},
		...(exrFile ? { exrFile: fileOf(exrFile) } : {}),
		...(withLogs ? { logs: (outcome?.logs ?? []) as unknown as IDataObject[] } : {}),
		...(outcome?.problem === undefined ? {} : { errorMessage: wordProblem(outcome.problem).message }),
	};
	return order ? json : withoutEmpty(json);
}

function costOf(catalogue: Catalogue, order: Order | undefined, outcome: Outcome | undefined): IDataObject {
	const estimate = order?.estimate;
	return {
		estimatedUsd: estimate?.usd ?? null,
		source: estimate && estimate.usd !== null ? estimate.source : null,
		actualUsd: outcome?.actualUsd ?? null,
		...(order && estimate?.usd === null
			? { reason: sayNoPrice(estimate.reason, catalogue, order.model) }
			: {}),
	};
}

/** Leaves out the unknown values of a job that is known only by its request ID. Only its model may be null. */
function withoutEmpty(json: IDataObject): IDataObject {
	const isEmpty = (value: unknown): boolean =>
		value === null ||
		(typeof value === 'object' && !Array.isArray(value) && Object.values(value as object).every(isEmpty));
	return Object.fromEntries(
		Object.entries(json).filter(([key, value]) => key === 'model' || !isEmpty(value)),
	);
}

/** The value to show for a parameter that was not sent, if it is not null. */
const ABSENT: { [kind: string]: false | [] } = { flag: false, files: [], keyframes: [] };

/**
 * The inputs of an order, keyed by the names of the form. A file that is missing, or whose address is unknown, is null.
 */
function parametersOf({ model, input }: Order, { addresses }: Job, { models }: Catalogue): IDataObject {
	const sent = replaceFiles(input, ({ identity }) => addresses?.[identity] ?? null);
	const isInForm = (name: ParameterName) => {
		const offered = offeredParameter(models[model], name);
		return !isOption(name) && (!offered || isTaken(offered, sent));
	};
	const shown = offeredParameters(models[model]).filter((name) => sent[name] !== undefined || isInForm(name));
	return Object.fromEntries(shown.map((name) => [name, sent[name] ?? ABSENT[PARAMETERS[name].kind] ?? null]));
}

function fileOf({ url, contentType, fileName, fileSize }: RemoteVideo): IDataObject {
	return {
		url,
		contentType: contentType ?? null,
		fileName: fileName ?? null,
		fileSize: fileSize ?? null,
	};
}

/** The item's JSON without "Simplify": the provider's own answer, with the provider and the request ID. */
function unsimplified({ job, outcome, answer }: Known): IDataObject {
	const response = (outcome?.raw ?? answer ?? null) as IDataObject | null;
	return { provider: job.provider, requestId: job.requestId, response };
}

/** A job from a provider's list, in the same shape, with the values in the list. */
export function simplifiedListed({ id, catalogue }: Provider, listed: ListedJob): IDataObject {
	const { prompt = null, imageUrl = null, videoUrl: sourceUrl } = listed.parameters ?? {};
	return {
		videoUrl: listed.videoUrl ?? null,
		status: listed.status,
		requestId: listed.requestId,
		provider: id,
		model: listed.model ? catalogue.models[listed.model].endpoint : null,
		parameters: { prompt, imageUrl, ...(sourceUrl === undefined ? {} : { videoUrl: sourceUrl }) },
		cost: { actualUsd: listed.actualUsd },
		timing: { submittedAt: isoTime(listed.submittedAt), completedAt: isoTime(listed.completedAt) },
		...(listed.problem === undefined ? {} : { errorMessage: wordProblem(listed.problem).message }),
	};
}

/** What the editor shows about a job while its execution is parked. */
export function pendingItem(
	{ index, job, status, queuePosition }: PolledJob,
	provider: string,
	since: number,
): INodeExecutionData {
	return {
		json: {
			provider,
			requestId: job?.requestId ?? null,
			status,
			queuePosition: queuePosition ?? null,
			submittedAt: isoTime(job?.submittedAt),
			waitingSince: isoTime(since),
		},
		pairedItem: { item: index },
	};
}

/** A failed item under Continue On Fail. n8n 2.41 recognizes it only if it has these two keys and no other. */
export function badItem(
	context: IExecuteFunctions,
	itemIndex: number,
	problem: Problem,
	about: { provider: string; requestId?: string; status?: string },
): INodeExecutionData {
	const { message, description } = wordProblem(problem);
	const item: INodeExecutionData = {
		json: {
			error: message,
			details: {
				provider: about.provider,
				requestId: about.requestId ?? problem.requestId ?? null,
				status: about.status ?? null,
				httpStatus: problem.httpStatus ?? null,
				description,
			},
		},
		pairedItem: { item: itemIndex },
	};
	const node = context.getNode();
	if (node.onError === 'continueErrorOutput') {
		// n8n before 2.41 needs this to send the item to the error output. Not enumerable: if n8n copied it, the
		// error's message would replace all data of the item.
		const value = new NodeOperationError(node, message, { itemIndex });
		Object.defineProperty(item, 'error', { value, enumerable: false });
	}
	return item;
}

function isoTime(unixMs: number | undefined): string | null {
	return unixMs === undefined || unixMs === 0 ? null : new Date(unixMs).toISOString();
}

function rounded(seconds: number | undefined): number | null {
	return seconds === undefined ? null : Math.round(seconds * 1000) / 1000;
}
