import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { NodeHelpers, type INodeProperties, type INodePropertyOptions } from 'n8n-workflow';

import { LumaRay } from '../../nodes/LumaRay/LumaRay.node';

/** What a model reads about the node, as a tool and in n8n's AI workflow builder, and the words that find the node. */

const { description } = new LumaRay();
const { properties, builderHint } = description;

function operations(): Array<[resource: string, operation: string]> {
	return properties
		.filter(({ name }) => name === 'operation')
		.flatMap(({ displayOptions, options = [] }) =>
			options.map((one): [string, string] => [
				String(displayOptions!.show!.resource![0]),
				String((one as INodePropertyOptions).value),
			]),
		);
}

/** The description that n8n gives the model of an agent, if the user has not written one. */
function toolDescription(resource: string, operation: string, name = 'lumaRayTool'): unknown {
	const given = { resource, operation, descriptionType: 'auto' };
	const type = { ...description, name };
	return NodeHelpers.getNodeParameters(properties, given, true, false, null, type)?.toolDescription;
}

describe("the tool's description", () => {
	test.each(operations())('of %s: %s says what it does and what it costs', (resource, operation) => {
		const text = toolDescription(resource, operation);
		expect(text).toMatch(/^[A-Z].*\. .*[Cc]osts/);
		if (resource !== 'video') expect(text).toContain('Costs nothing.');
	});

	test.each(operations().filter(([resource]) => resource === 'video'))(
		'of %s: %s names the price and the time',
		(resource, operation) => {
			const text = toolDescription(resource, operation);
			expect(text).toMatch(/Every call costs money: \$[\d.]+ to \$[\d.]+ per (video|second of video)/);
			expect(text).toContain('Takes 1 to 15 minutes.');
		},
	);

	test('is not a field of the node itself', () => {
		expect(toolDescription('video', 'animate', 'lumaRay')).toBeUndefined();
	});
});

test('as a tool, the form offers to wait or to submit, and says why it cannot suspend', () => {
	const forTools = properties.filter(
		({ name, displayOptions }) => name === 'waitMode' && displayOptions?.show?.['@tool']?.includes(true),
	);
	expect(forTools.length).toBeGreaterThan(0);
	for (const { options = [], description } of forTools) {
		expect(options.map((one) => (one as INodePropertyOptions).value)).toEqual(['wait', 'submit']);
		expect(description).toContain('cannot suspend');
	}
});

describe("n8n's AI workflow builder", () => {
	test.each(['costs money', 'options.maxCostUsd', "'suspend'", 'loop', 'Retry On Fail', 'tool'])(
		'reads about: %s',
		(subject) => {
			expect(builderHint?.searchHint).toContain(subject);
		},
	);

	test('reads beside Maximum Cost and Wait Mode what to set', () => {
		const options = properties.find(({ name }) => name === 'options')!.options as INodeProperties[];
		const hinted = [options.find(({ name }) => name === 'maxCostUsd'), ...properties].filter(
			(property) => property?.builderHint,
		);
		expect(new Set(hinted.map((property) => property!.name))).toEqual(new Set(['maxCostUsd', 'waitMode']));
	});
});

test.each(['text to video', 'generate video', 'reframe', 'edit video', 'image to video'])(
	'the node is found under "%s"',
	(words) => {
		const path = join(__dirname, '..', '..', 'nodes', 'LumaRay', 'LumaRay.node.json');
		const { alias } = JSON.parse(readFileSync(path, 'utf8')) as { alias: string[] };
		expect(alias).toContain(words);
	},
);
