import {
	parametersByWireName,
	type Catalogue,
	type CatalogueEntry,
	type Condition,
} from '../../models/catalogue';
import type { LiveRefusal } from '../../models/live';
import type { BadKeyframes } from '../../models/keyframes';
import type { BadControl } from '../../models/controls';
import type { InputRefusal } from '../../models/check';
import { PARAMETERS, type ParameterName } from '../../models/parameters';
import { fileFieldNames } from '../fileFields';
import { KEYFRAME_IMAGE, SECONDS_LABEL } from '../keyframeFields';
import { parameter as labelOf, option, quoted, upperFirst } from './names';
import type { Message } from './wording';

/** The maximum number of characters of a value that a message repeats. */
const SHOWN_CHARACTERS = 60;

const PUBLIC_ADDRESS =
	'Use a public URL that starts with https:// and that the provider can download without signing in.';

/** Why an input of the model cannot be sent, and what to change. */
export function wordInputRefusal(refusal: InputRefusal): Message {
	const { parameter, value } = refusal;
	const label = labelOf(parameter);
	const is = `${label} is ${describe(value)}`;
	switch (refusal.why) {
		case 'notOffered':
			return {
				message: `${label} is not available for this model`,
				description: `Leave ${label} empty, or choose another provider.`,
			};
		case 'notText':
			return {
				message: is,
				description:
					'Describe in words what happens in the video. If the field contains an expression, check that it returns text for every item.',
			};
		case 'notAnOption':
			return {
				message: `${is}, which is not one of its options`,
				description: `Use one of: ${refusal.options.join(', ')}.`,
			};
		case 'notAnObject':
			return { message: `${is}, not an object`, description: `Choose entries of ${label} in the form.` };
		case 'badControl': {
			const { control } = refusal;
			return {
				message: `${quoted(control.label)} of ${label} is ${describe(control.value)}`,
				description: `Use ${sayControlValues(control.must)}.`,
			};
		}
		case 'badKeyframes':
			return wordBadKeyframes(label, value, refusal.keyframes);
		case 'notAFlag':
			return { message: is, description: 'Use true or false.' };
		case 'notAList':
			return {
				message: `${is}, not a list`,
				description: 'Add one URL per entry, or use an expression that returns a list of URLs.',
			};
		case 'notAnAddress': {
			const subject = refusal.entry === undefined ? label : `Entry ${refusal.entry} of ${label}`;
			return {
				message: `${subject} is ${describe(value)}, not an http(s) URL`,
				description:
					PUBLIC_ADDRESS +
					(PARAMETERS[parameter].kind === 'file'
						? orBinaryData({ ...PARAMETERS[parameter], name: parameter })
						: ''),
			};
		}
		case 'excluded': {
			const { by } = refusal;
			return {
				message: `${sayValue(parameter, value)} cannot be combined with ${sayValue(by.parameter, by.value)}`,
				description: `${upperFirst(sayHowToDropOne(parameter, by.parameter))}.`,
			};
		}
		case 'needs': {
			const needed = refusal.oneOf.map(sayCondition).join(', or ');
			const remedies = [...refusal.oneOf.map(sayHowToMeet), sayHowToChange(refusal)];
			return {
				message: `${sayValue(parameter, value)} needs ${needed}`,
				description: `${upperFirst(remedies.join(', or '))}.`,
			};
		}
	}
}

/** Why a request does not match the provider's live description of a model. */
export function wordLiveRefusal(refusal: LiveRefusal, { name }: Catalogue, entry: CatalogueEntry): Message {
	const parameter = parametersByWireName(entry).get(refusal.name);
	const label = parameter ? labelOf(parameter) : quoted(refusal.name);
	const nothingPaid = `Nothing was submitted or billed. This is how ${name} describes the model now. Use Model: Get to see the full description.`;
	switch (refusal.why) {
		case 'notAnOption':
			return {
				message: `${label} is ${describe(refusal.value)}, which the model does not accept now`,
				description: `Use one of: ${refusal.options.join(', ')}. ${nothingPaid}`,
			};
		case 'outOfBounds': {
			const { value, bound, limit } = refusal;
			return {
				message: `${label} is ${describe(value)}, and the ${bound} is ${limit} now`,
				description: `Change ${label}. ${nothingPaid}`,
			};
		}
		case 'tooMany':
			return {
				message: `${label} has too many entries (at most ${refusal.limit} now)`,
				description: `Remove some. ${nothingPaid}`,
			};
		case 'tooLong':
			return {
				message: `${label} is too long (at most ${refusal.limit} characters now)`,
				description: `Shorten it. ${nothingPaid}`,
			};
		case 'missing':
			return {
				message: `The model needs ${label} now`,
				description: `${parameter ? `Set ${label}` : `Send it with ${option('additionalFields')}`}. ${nothingPaid}`,
			};
	}
}

/** Why keyframes cannot be sent. */
function wordBadKeyframes(label: string, value: unknown, bad: BadKeyframes): Message {
	const add = 'Add keyframes in the form, or use an expression that returns a list: [{ imageUrl, seconds }].';
	const move = `Change ${quoted(SECONDS_LABEL)} of one of them.`;
	switch (bad.why) {
		case 'notAList':
			return { message: `${label} is ${describe(value)}, not a list`, description: add };
		case 'none':
			return { message: `${label} is empty`, description: add };
		case 'tooMany':
			return {
				message: `${label} has ${bad.count} entries; the model accepts up to ${bad.most}`,
				description: `Remove ${bad.count - bad.most} of them.`,
			};
		case 'notAKeyframe':
			return {
				message: `Entry ${bad.entry} of ${label} is ${describe(bad.value)}, not an object`,
				description: 'Each entry has imageUrl (or imageSource and imageBinaryField) and seconds.',
			};
		case 'badImage':
			return {
				message: `${quoted(KEYFRAME_IMAGE.label)} of entry ${bad.entry} of ${label} is ${describe(bad.value)}, not an http(s) URL`,
				description: `${PUBLIC_ADDRESS}${orBinaryData(KEYFRAME_IMAGE)}`,
			};
		case 'badSeconds':
			return {
				message: `${quoted(SECONDS_LABEL)} of entry ${bad.entry} of ${label} is ${describe(bad.value)}`,
				description: 'Enter the seconds from the start of the video, as a number of 0 or more.',
			};
		case 'sameFrame':
			return {
				message: `${label} has two images at the same moment: ${bad.seconds.join(' and ')} seconds`,
				description: `${move} A second has ${bad.framesPerSecond} frames, and each frame takes one image.`,
			};
		case 'tooLate':
			return {
				message: `${label} has an image at ${bad.seconds} seconds, after the end of the video`,
				description: `${move} The video is ${bad.length} seconds long (${labelOf('duration')}).`,
			};
	}
}

function sayControlValues(must: BadControl['must']): string {
	if (must === 'flag') return 'true or false';
	return must === 'share' ? 'a number from 0 to 1' : `one of: ${must.join(', ')}`;
}

function orBinaryData(file: { name: string; label: string }): string {
	const { sourceLabel } = fileFieldNames(file);
	return ` To use a file from the workflow, set ${quoted(sourceLabel)} to Binary Data.`;
}

/** How to remove one of two values that cannot be combined. */
function sayHowToDropOne(one: ParameterName, other: ParameterName): string {
	return [sayHowToDrop(one), sayHowToDrop(other)]
		.join(', or ')
		.replace(/^change (.*), or change /, 'change $1 or ');
}

function sayHowToDrop(parameter: ParameterName): string {
	const label = labelOf(parameter);
	switch (PARAMETERS[parameter].kind) {
		case 'file': {
			const { sourceLabel } = fileFieldNames({ ...PARAMETERS[parameter], name: parameter });
			return `set ${quoted(sourceLabel)} to None`;
		}
		case 'keyframes':
			return `remove the entries of ${label}`;
		default:
			return `change ${label}`;
	}
}

/** How to remove the value that needs another one. */
function sayHowToChange({ parameter, value, instead }: InputRefusal & { why: 'needs' }): string {
	const label = labelOf(parameter);
	if (value === true) return `turn off ${label}`;
	return instead === undefined ? `change ${label}` : `set ${label} to ${describe(instead)}`;
}

function sayCondition({ parameter, is }: Condition): string {
	const label = labelOf(parameter);
	if (is === undefined) return label;
	return isOn(is) ? label : `${label} ${is.map(describe).join(' or ')}`;
}

function sayHowToMeet({ parameter, is }: Condition): string {
	const label = labelOf(parameter);
	if (is === undefined) return `fill in ${label}`;
	return isOn(is) ? `turn on ${label}` : `set ${label} to ${is.map(describe).join(' or ')}`;
}

function isOn(values: readonly unknown[]): boolean {
	return values.every((value) => value === true);
}

/** A parameter with its value, if the value is short enough to help. */
function sayValue(parameter: InputRefusal['parameter'], value: unknown): string {
	const label = labelOf(parameter);
	return PARAMETERS[parameter].kind === 'option' ? `${label} ${describe(value)}` : label;
}

/** Describes a value briefly, to keep the message short. */
export function describe(value: unknown): string {
	// An expression that finds nothing returns undefined or null. To the user, the field is empty.
	if (value === undefined || value === null) return 'empty';
	if (typeof value === 'string') {
		if (value.trim() === '') return 'empty';
		return `"${value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value}"`;
	}
	if (Array.isArray(value)) return 'a list';
	if (typeof value === 'object') return 'an object';
	return String(value);
}
