import type { INodePropertyOptions } from 'n8n-workflow';

import type { ModelName } from '../../nodes/LumaRay/models/names';
import { inputFields } from '../../nodes/LumaRay/resources/inputFields';

/** Compares the form's texts about prices with fal's price list for each model. */

function textsOf(model: ModelName, name: 'resolution' | 'duration'): Array<string | undefined> {
	const [{ options }] = inputFields(model, [name]);
	return (options as INodePropertyOptions[]).map(({ description }) => description);
}

test.each([
	['animate', 2, '4 to 8'],
	['generate', 2, '4'],
	['edit', 1.5, '3'],
	['reframe', 2, '6'],
] as const)(
	'the form of %s says that 720p costs %d times as much as 540p, and 1080p %s times as much',
	(model, hd, fullHd) => {
		expect(textsOf(model, 'resolution')).toEqual([
			'The lowest price',
			`${hd} times the price of 540p`,
			`${fullHd} times the price of 540p`,
		]);
	},
);

test.each(['animate', 'generate', 'edit', 'reframe'] as const)(
	'the form of %s says that 10 seconds cost twice as much as 5 seconds',
	(model) => {
		expect(textsOf(model, 'duration').at(-1)).toMatch(/^2 times the price of 5 seconds\.( \S.*\.)?$/);
	},
);
