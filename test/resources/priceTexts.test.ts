import type { INodePropertyOptions } from 'n8n-workflow';

import { MODEL_NAMES, type ModelName, type ProviderId } from '../../nodes/LumaRay/models/names';
import { inputFields } from '../../nodes/LumaRay/resources/inputFields';

/** What the form says about prices, compared with the price list of each provider. */

function textsOf(provider: ProviderId, model: ModelName, name: 'resolution' | 'duration') {
	const field = inputFields(model, [name]).find(
		({ displayOptions }) => displayOptions?.show?.provider?.includes(provider) ?? true,
	);
	return ((field?.options ?? []) as INodePropertyOptions[]).map(({ description }) => description);
}

test.each([
	['fal', 'animate', 2, '4 to 8'],
	['fal', 'generate', 2, '4'],
	['fal', 'edit', 1.5, '3'],
	['fal', 'reframe', 2, '6'],
	['oxen', 'animate', 2, '4'],
] as const)(
	'%s, %s: 720p costs %d times as much as 540p, and 1080p %s times',
	(provider, model, hd, fullHd) => {
		expect(textsOf(provider, model, 'resolution')).toEqual([
			'The lowest price',
			`${hd} times the price of 540p`,
			`${fullHd} times the price of 540p`,
		]);
	},
);

test.each(MODEL_NAMES)('%s: 10 seconds cost twice as much as 5 seconds', (model) => {
	expect(textsOf('fal', model, 'duration').at(-1)).toMatch(/^2 times the price of 5 seconds(\. \S.*\.)?$/);
});

test('animate: 10 seconds need keyframes at fal.ai, and only at fal.ai', () => {
	const [fal, oxen] = (['fal', 'oxen'] as const).map((provider) =>
		textsOf(provider, 'animate', 'duration').at(-1),
	);

	expect(fal).toBe('2 times the price of 5 seconds. Cannot loop. Only with Frames set to Keyframes.');
	expect(oxen).toBe('2 times the price of 5 seconds. Cannot loop.');
});
