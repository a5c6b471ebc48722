import { LumaRay } from '../../nodes/LumaRay/LumaRay.node';
import { LumaRayTrigger } from '../../nodes/LumaRay/LumaRayTrigger.node';
import { noExample } from '../../nodes/LumaRay/resources/messages/trigger';

/** The trigger's form, as n8n reads it. */

const { description } = new LumaRayTrigger();
const field = (name: string) => description.properties.find((one) => one.name === name);

test('the trigger polls, has no input and is not a tool', () => {
	expect(description).toMatchObject({ polling: true, inputs: [], group: ['trigger'] });
	expect(description).not.toHaveProperty('usableAsTool');
});

test('the trigger uses the same credentials as the node', () => {
	expect(description.credentials).toEqual(new LumaRay().description.credentials);
});

test('no field of the trigger depends on the tool mode', () => {
	expect(JSON.stringify(description.properties)).not.toContain('@tool');
	expect(field('outputBinaryField')?.displayOptions).toEqual({ show: { downloadVideo: [true] } });
});

test("the trigger's fields keep the names that saved workflows use", () => {
	const names = description.properties.map(({ name }) => name);
	expect(names).toEqual(['provider', 'event', 'downloadVideo', 'outputBinaryField', 'simplify', 'options']);
	expect(field('event')).toMatchObject({ default: 'succeeded' });
	const values = field('event')?.options?.map((option) => 'value' in option && option.value);
	expect(values).toEqual(['succeeded', 'failed', 'ended']);
});

test.each(['succeeded', 'failed', 'ended'] as const)(
	'the message that no generation %s explains what to do',
	(event) => {
		for (const provider of ['fal', 'oxen']) {
			const { message, description } = noExample(provider, event, { count: 0 });
			expect(message).toMatch(/^(fal|Oxen)\.ai lists no generation that /);
			expect(description).toContain('Generation: Get Many');
			expect(description).toContain('the whole list. It has 0 generations of Luma Ray 3.2.');
			const cut = noExample(provider, event, { count: 1_234, pages: 10 });
			expect(cut.message).toMatch(/ among the newest 1234$/);
			expect(cut.description).toContain('only the newest 10 pages of the list, with 1234 generations of');
		}
	},
);
