import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { NodeHelpers, type INodeProperties, type INodePropertyOptions } from 'n8n-workflow';

import { LumaRay } from '../../nodes/LumaRay/LumaRay.node';

/**
 * What a model reads about the node as a tool and in n8n's AI workflow builder, and the search words for the node.
 */

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

/** The description that n8n gives to an agent's model if the user has not written one. */
function toolDescription(resource: string, operation: string, name = 'lumaRayTool'): unknown {
	const given = { resource, operation, descriptionType: 'auto' };
	const type = { ...description, name };
	return NodeHelpers.getNodeParameters(properties, given, true, false, null, type)?.toolDescription;
}

describe("the tool's description", () => {
	test.each(operations())('for %s: %s says what it does and what it costs', (resource, operation) => {
		const text = toolDescription(resource, operation);
		expect(text).toMatch(/^[A-Z].*\. .*[Cc]osts/);
		if (resource !== 'video') expect(text).toContain('Costs nothing.');
	});

	test.each(operations().filter(([resource]) => resource === 'video'))(
		'for %s: %s contains the price and the time',
		(resource, operation) => {
			const text = toolDescription(resource, operation);
			expect(text).toMatch(/Every call costs money: \$[\d.]+ to \$[\d.]+ per (video|second of video)/);
			expect(text).toContain('Takes 1 to 15 minutes.');
		},
	);

	test('does not exist for the node itself', () => {
		expect(toolDescription('video', 'animate', 'lumaRay')).toBeUndefined();
	});
});

test('Wait Mode offers tools only Wait and Submit Only, and says why they cannot suspend', () => {
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
		'gets a hint about: %s',
		(subject) => {
			expect(builderHint?.searchHint).toContain(subject);
		},
	);

	test('gets hints for the fields Maximum Cost and Wait Mode', () => {
		const options = properties.find(({ name }) => name === 'options')!.options as INodeProperties[];
		const hinted = [options.find(({ name }) => name === 'maxCostUsd'), ...properties].filter(
			(property) => property?.builderHint,
		);
		expect(new Set(hinted.map((property) => property!.name))).toEqual(new Set(['maxCostUsd', 'waitMode']));
	});
});

test.each(['text to video', 'generate video', 'reframe', 'edit video', 'image to video'])(
	'the node\'s search words include "%s"',
	(words) => {
		const path = join(__dirname, '..', '..', 'nodes', 'LumaRay', 'LumaRay.node.json');
		const { alias } = JSON.parse(readFileSync(path, 'utf8')) as { alias: string[] };
		expect(alias).toContain(words);
	},
);
