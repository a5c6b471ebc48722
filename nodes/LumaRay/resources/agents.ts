import type { IBuilderHint, INodeProperties } from 'n8n-workflow';

import { newestEdition } from '../models/catalogue';
import { MODEL_NAMES, type ModelName } from '../models/names';
import { formatUsd } from '../models/prices';
import { CATALOGUES } from '../providers/catalogues';
import { providerField } from './fields';
import type { Operation, Resource } from './operation';

/** Texts for models: for agents that use the node as a tool, and for n8n's AI workflow builder. */

const isModel = (value: string): value is ModelName => (MODEL_NAMES as readonly string[]).includes(value);

/** The price range of a video of this model at all providers, from the newest price lists, including HDR. */
function priceRange(model: ModelName): string {
	const all = Object.values(CATALOGUES).map(({ models }) => newestEdition(models[model]).prices);
	const perVideo = all.flatMap((prices) => {
		if (prices.per !== 'clip') return [];
		const plain = Object.values(prices.usd).flatMap((byDuration) => Object.values(byDuration));
		const known = plain.filter((usd) => usd !== null);
		return [1, prices.hdrTimes ?? 1, prices.exrTimes ?? 1].flatMap((times) =>
			known.map((usd) => usd * times),
		);
	});
	const perSecond = all.flatMap((prices) => (prices.per === 'second' ? Object.values(prices.usd) : []));
	return [...range(perVideo, 'video'), ...range(perSecond, 'second of video')].join(' or ');
}

function range(usd: number[], unit: string): string[] {
	if (usd.length === 0) return [];
	return [`${formatUsd(Math.min(...usd))} to ${formatUsd(Math.max(...usd))} per ${unit}`];
}

const ORDERS =
	'Takes 1 to 15 minutes. Call it once for each video that the user asks for. If a call fails, read its message before you call it again. Returns JSON: videoUrl is the address of the video; if status is queued or running, the video can be collected later by requestId.';

/** The cost and the duration of a call of an operation. */
function costOf({ value }: Operation): string {
	if (isModel(value)) return `Every call costs money: ${priceRange(value)}. ${ORDERS}`;
	return value === 'wait' ? 'Takes up to 15 minutes. Costs nothing.' : 'Costs nothing.';
}

/**
 * The tool's description, one for each operation. Without it, n8n would give the model only the name of the operation.
 * n8n does not add its own field if the node has a field with this name.
 */
export function toolDescriptionFields({ value, operations }: Resource): INodeProperties[] {
	return operations.map((operation) => ({
		displayName: 'Description',
		name: 'toolDescription',
		type: 'string',
		typeOptions: { rows: 4 },
		default: `${operation.description}. ${costOf(operation)}`,
		required: true,
		displayOptions: { show: { resource: [value], operation: [operation.value], '@tool': [true] } },
		description: 'Explain to the LLM what this tool does, what it costs and how long it takes',
	}));
}

/** For n8n's AI workflow builder; n8n before 2.41 ignores it. */
export const builderHint: IBuilderHint = {
	searchHint:
		"Makes, edits and reframes video. Every video operation costs money and takes 1 to 15 minutes. Always set options.maxCostUsd. Set waitMode to 'suspend' in workflows that a schedule or another trigger starts. Do not build a loop around it to poll or to retry: it waits by itself, processes many items at once, and resumes paid generations with Retry On Fail. As a tool of an AI agent, it can only wait or submit. It cannot suspend.",
	relatedNodes: [
		{
			nodeType: 'n8n-nodes-base.scheduleTrigger',
			relationHint: "Set waitMode to 'suspend', so that waiting uses no worker",
		},
		{
			nodeType: '@n8n/n8n-nodes-langchain.agent',
			relationHint:
				'Can use this node as a tool. Set options.maxCostUsd: it applies to all calls of one execution.',
		},
	],
	extraTypeDefContent: [
		{
			displayOptions: { show: { resource: ['video'] } },
			content: [
				'<patterns>',
				'<pattern title="A scheduled video with a budget">',
				`{ provider: '${providerField.default}', resource: 'video', prompt: expr('{{ $json.prompt }}'), waitMode: 'suspend', options: { maxCostUsd: 5 } }`,
				'</pattern>',
				'</patterns>',
			].join('\n'),
		},
	],
};
