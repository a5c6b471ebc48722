import type { INodePropertyOptions } from 'n8n-workflow';

import type { ModelName } from '../../nodes/LumaRay/models/names';
import { inputFields } from '../../nodes/LumaRay/resources/inputFields';

/** What the form says about prices, compared with fal's price list of each model. */

function textsOf(model: ModelName, name: 'resolution' | 'duration'): Array<string | undefined> {
	const [{ options }] = inputFields(model, [name]);
	return (options as INodePropertyOptions[]).map(({ description }) => description);
}

test.each([
	['animate', 2, '4 to 8'],
	['generate', 2, '4'],
	['edit', 1.5, '3'],
	['reframe', 2, '6'],
] as const)('%s: 720p costs %d times as much as 540p, and 1080p %s times', (model, hd, fullHd) => {
	expect(textsOf(model, 'resolution')).toEqual([
		'The lowest price',
		`${hd} times the price of 540p`,
		`${fullHd} times the price of 540p`,
	]);
});

test.each(['animate', 'generate', 'edit', 'reframe'] as const)(
	'%s: 10 seconds cost twice as much as 5 seconds',
	(model) => {
		expect(textsOf(model, 'duration').at(-1)).toMatch(/^2 times the price of 5 seconds\.( \S.*\.)?$/);
	},
);
