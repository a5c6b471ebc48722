import type { INodeProperties } from 'n8n-workflow';

import { requestIdField } from '../fields';
import type { Range } from '../numbers';
import { OPTION_FIELDS, type OptionName } from '../optionFields';
import { option, quoted } from './names';
import type { Message } from './wording';

/** What a field can be required to hold. The words follow its name. */
const EXPECTED = {
	boolean: 'must be true or false',
	date: 'must be a date, such as 2026-11-21 or 2026-11-21T10:00:00Z',
	httpUrl: 'must be an http(s) URL',
	jsonObject: 'must be a valid JSON object',
	repository: 'must have the form namespace/name',
	text: 'must be text',
};
/** One of these, a number within a range, or one of several values. */
export type Expected = keyof typeof EXPECTED | Range | readonly string[];

/**
 * A field or an option whose value the node cannot use.
 * @param where in which entry of a list the field is
 */
export function refusedValue(
	{ displayName }: { displayName: string },
	expected: Expected,
	where = '',
): Message {
	return {
		message: `${quoted(displayName)}${where} ${sayExpected(expected)}`,
		description: "Change the value. If an expression sets it, check the expression's result.",
	};
}

/** Two dates between which no time is. */
export function refusedRange(after: INodeProperties, before: INodeProperties): Message {
	return {
		message: `${quoted(after.displayName)} is later than ${quoted(before.displayName)}`,
		description: 'No generation can match. Swap the two dates, or remove one of them.',
	};
}

/** An option that is empty although the value of another one needs it. */
export function neededOption(name: OptionName, other: OptionName, value: string): Message {
	const { options = [] }: INodeProperties = OPTION_FIELDS[other];
	const choice = options.find((one) => 'value' in one && one.value === value)?.name ?? value;
	return {
		message: `${option(name)} is empty, but ${option(other)} is ${choice}`,
		description: `Fill in ${option(name)} in the options, or change ${option(other)}.`,
	};
}

/** Additional fields that set the number of videos, past the option that counts them. */
export function generationsInFields(field: string): Message {
	return {
		message: `${option('additionalFields')} contains ${field}`,
		description: `Remove it, and set ${option('numGenerations')} in the options instead.`,
	};
}

/** `urlWithoutId`: an address from which no request ID follows. */
export type RefusedRequestId = 'empty' | 'notAnId' | 'urlWithoutId';

/** A Request ID that no provider gives. */
export function refusedRequestId(why: RefusedRequestId): Message {
	const label = quoted(requestIdField.displayName);
	const useId =
		"Use the requestId of an item from this node, or the generation's ID in the provider's dashboard.";
	switch (why) {
		case 'empty':
			return { message: `${label} is empty`, description: useId };
		case 'notAnId':
			return { message: `${label} is not a valid request ID`, description: useId };
		case 'urlWithoutId':
			return {
				message: `${label} is a URL without a request ID`,
				description:
					'Paste the request ID itself, or a URL that contains it: the dashboard page, status URL or response URL of the generation.',
			};
	}
}

function sayExpected(expected: Expected): string {
	if (typeof expected === 'string') return EXPECTED[expected];
	if (!('least' in expected)) return `must be one of: ${expected.join(', ')}`;
	const { least, most, whole } = expected;
	const bounds = most === undefined ? `of at least ${least}` : `from ${least} to ${most}`;
	return `must be a ${whole ? 'whole ' : ''}number ${bounds}`;
}
