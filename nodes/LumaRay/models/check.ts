import {
	isTaken,
	type CatalogueEntry,
	type Condition,
	type Edition,
	type OfferedParameter,
	type Rule,
} from './catalogue';
import { checkControls, isBadControl, type BadControl } from './controls';
import { checkKeyframes, lateKeyframe, type BadKeyframes, type Keyframe } from './keyframes';
import { PARAMETER_NAMES, PARAMETERS, type Input, type ParameterName } from './parameters';

/** Unchecked values from a form or an expression. A file of the workflow is a `FileSource`. */
export type RawInput = { [Name in ParameterName]?: unknown };

/** Why a value cannot be sent. The sentences are in `resources/messages/`. */
export type InputRefusal = { parameter: ParameterName; value: unknown } &
	/** The model does not have the parameter. */
	(| { why: 'notOffered' }
		| { why: 'notText' | 'notAFlag' | 'notAList' | 'notAnObject' }
		| { why: 'badControl'; control: BadControl }
		| { why: 'badKeyframes'; keyframes: BadKeyframes }
		| { why: 'notAnOption'; options: readonly string[] }
		/** `entry`: the position in a list, from 1. */
		| { why: 'notAnAddress'; entry?: number }
		/** It cannot be combined with the value of the parameter in `by`. */
		| { why: 'excluded'; by: Condition & { value: unknown } }
		/** It needs one of the conditions in `oneOf`. `instead`: the only other option, if there is exactly one. */
		| { why: 'needs'; oneOf: readonly Condition[]; instead?: string }
	);

export type CheckResult<T> = { ok: true; value: T } | { ok: false; refusal: InputRefusal };

/**
 * Checks values against the provider's catalogue, to avoid paying for an input that the model would refuse. Never
 * throws. The refusal is about the first value that cannot be sent.
 * @returns the input, if one edition accepts all of it; otherwise the refusal of the newest edition
 */
export function checkInput(raw: RawInput, { editions }: CatalogueEntry): CheckResult<Input> {
	const results = editions.map((edition) => checkAgainst(edition, raw));
	return results.find(({ ok }) => ok) ?? results[results.length - 1];
}

/** The editions that accept all of these values. Only one of them can apply. */
export function editionsTaking(raw: RawInput, { editions }: CatalogueEntry): Edition[] {
	return editions.filter((edition) => checkAgainst(edition, raw).ok);
}

/** Checks only some of the parameters, for a price. Rules about other parameters are ignored. */
export function checkParameters<Name extends ParameterName>(
	raw: RawInput,
	{ editions }: CatalogueEntry,
	only: readonly Name[],
): CheckResult<Pick<Input, Name>> {
	const isAsked = ({ parameter }: Condition) => only.includes(parameter as Name);
	const results = editions.map((edition) => {
		const rules = edition.rules.filter(
			(rule) => isAsked(rule.if) && ('not' in rule ? isAsked(rule.not) : rule.needs.every(isAsked)),
		);
		return checkAgainst({ ...edition, rules }, raw, only);
	});
	return results.find(({ ok }) => ok) ?? results[results.length - 1];
}

function checkAgainst(
	edition: Edition,
	raw: RawInput,
	names: readonly ParameterName[] = PARAMETER_NAMES,
): CheckResult<Input> {
	const read = readValues(edition, raw, names);
	if (!read.ok) return read;
	const input = read.value;
	for (const rule of edition.rules) {
		const refusal = refusalBy(rule, input, edition);
		if (refusal) return { ok: false, refusal };
	}
	const refusal = timeRefusal(edition, input);
	if (refusal) return { ok: false, refusal };
	for (const rule of edition.rules) dropIdleFlag(rule, input);
	return { ok: true, value: input };
}

function readValues(edition: Edition, raw: RawInput, names: readonly ParameterName[]): CheckResult<Input> {
	const input: { [name: string]: unknown } = {};
	for (const parameter of names) {
		const offered = edition.parameters[parameter];
		if (!offered) {
			const value = raw[parameter];
			if (isSet(value)) return { ok: false, refusal: { parameter, value, why: 'notOffered' } };
			continue;
		}
		if (!isTaken(offered, input)) continue;
		const checked = checkValue(parameter, raw[parameter], offered);
		if (!checked.ok) return checked;
		if (checked.value !== undefined) input[parameter] = checked.value;
	}
	return { ok: true, value: input };
}

/** Whether a value is set. A form also returns empty values for fields that are not used. */
function isSet(value: unknown): boolean {
	if (Array.isArray(value)) return value.length > 0;
	return !['', null, undefined, false, 'false'].includes(value as string);
}

function refusalBy(rule: Rule, input: Input, { parameters }: Edition): InputRefusal | undefined {
	if (!holds(rule.if, input)) return undefined;
	const { parameter } = rule.if;
	const value = input[parameter];
	if ('needs' in rule) {
		if (rule.needs.some((one) => holds(one, input))) return undefined;
		const others = parameters[parameter]?.options?.filter((option) => !rule.if.is?.includes(option)) ?? [];
		const instead = others.length === 1 ? { instead: others[0] } : {};
		return { parameter, value, why: 'needs', oneOf: rule.needs, ...instead };
	}
	if (!holds(rule.not, input)) return undefined;
	return { parameter, value, why: 'excluded', by: { ...rule.not, value: input[rule.not.parameter] } };
}

function holds({ parameter, is }: Condition, input: Input): boolean {
	const value = input[parameter];
	return value !== undefined && (is === undefined || is.includes(value));
}

/** Checks keyframes against the length of the new video, if it is known. */
function timeRefusal({ parameters }: Edition, { keyframes, duration }: Input): InputRefusal | undefined {
	const timeline = parameters.keyframes?.timeline;
	if (!keyframes || timeline?.of !== 'clip') return undefined;
	const late = lateKeyframe(keyframes, timeline, Number.parseInt(duration ?? '', 10));
	return late && { parameter: 'keyframes', value: keyframes, why: 'badKeyframes', keyframes: late };
}

/** Removes a flag that is off if a rule does not allow it to be on. */
function dropIdleFlag(rule: Rule, input: Input): void {
	if (!('not' in rule) || !holds(rule.not, input)) return;
	if (input[rule.if.parameter] === false) delete input[rule.if.parameter];
}

const KINDS = {
	text: checkText,
	option: checkOption,
	flag: checkFlag,
	file: checkFile,
	files: checkFiles,
	keyframes: checkKeyframesOf,
	controls: checkControlsOf,
};

function checkValue(
	parameter: ParameterName,
	value: unknown,
	offered: OfferedParameter,
): CheckResult<unknown> {
	return KINDS[PARAMETERS[parameter].kind](parameter, value, offered);
}

function checkText(parameter: ParameterName, value: unknown): CheckResult<string> {
	// An expression returns a prompt of digits ("2026") as a number, but the model needs text.
	const text = typeof value === 'number' ? String(value) : value;
	if (typeof text === 'string' && text.trim() !== '') return { ok: true, value: text };
	return { ok: false, refusal: { parameter, value, why: 'notText' } };
}

function checkOption(
	parameter: ParameterName,
	value: unknown,
	{ options = [] }: OfferedParameter,
): CheckResult<string> {
	const found = options.find((option) => option === value);
	if (found !== undefined) return { ok: true, value: found };
	return { ok: false, refusal: { parameter, value, why: 'notAnOption', options } };
}

function checkFlag(parameter: ParameterName, value: unknown): CheckResult<boolean | undefined> {
	// A hidden field has no value.
	if (value === undefined || value === null) return { ok: true, value: undefined };
	const flag = value === 'true' ? true : value === 'false' ? false : value;
	if (typeof flag === 'boolean') return { ok: true, value: flag };
	return { ok: false, refusal: { parameter, value, why: 'notAFlag' } };
}

function checkFile(
	parameter: ParameterName,
	value: unknown,
	{ required }: OfferedParameter,
): CheckResult<unknown> {
	if (isFile(value)) return { ok: true, value };
	const isEmpty = value === undefined || value === null || value === '';
	if (isEmpty && !required) return { ok: true, value: undefined };
	return checkAddress(parameter, value);
}

function checkFiles(parameter: ParameterName, value: unknown): CheckResult<unknown> {
	if (value === undefined || value === null) return { ok: true, value: [] };
	if (!Array.isArray(value)) return { ok: false, refusal: { parameter, value, why: 'notAList' } };
	const files: unknown[] = [];
	// An entry may be an expression that returns a list, so the lists are flattened. Blank entries are ignored.
	for (const entry of value.flat() as unknown[]) {
		if (typeof entry === 'string' && entry.trim() === '') continue;
		const checked: CheckResult<unknown> = isFile(entry)
			? { ok: true, value: entry }
			: checkAddress(parameter, entry, files.length + 1);
		if (!checked.ok) return checked;
		files.push(checked.value);
	}
	return { ok: true, value: files };
}

function checkKeyframesOf(
	parameter: ParameterName,
	value: unknown,
	{ required, timeline }: OfferedParameter,
): CheckResult<Keyframe[] | undefined> {
	const refuse = (keyframes: BadKeyframes): CheckResult<undefined> => ({
		ok: false,
		refusal: { parameter, value, why: 'badKeyframes', keyframes },
	});
	// Only undefined means no keyframes. If an expression finds nothing, it returns null, which is an error.
	if (!timeline || (value === undefined && !required)) return { ok: true, value: undefined };
	const checked = checkKeyframes(value ?? null, timeline, imageOf);
	if (!checked.ok) return refuse(checked.bad);
	if (checked.keyframes.length > 0) return { ok: true, value: checked.keyframes };
	return required ? refuse({ why: 'none' }) : { ok: true, value: undefined };
}

function imageOf(value: unknown): Keyframe['imageUrl'] | undefined {
	return isFile(value) ? (value as Keyframe['imageUrl']) : asAddress(value);
}

function checkControlsOf(parameter: ParameterName, value: unknown): CheckResult<unknown> {
	if (value === undefined || value === null) return { ok: true, value: undefined };
	if (typeof value !== 'object' || Array.isArray(value)) {
		return { ok: false, refusal: { parameter, value, why: 'notAnObject' } };
	}
	const checked = checkControls(value as { [name: string]: unknown });
	if (isBadControl(checked))
		return { ok: false, refusal: { parameter, value, why: 'badControl', control: checked } };
	return { ok: true, value: Object.keys(checked).length > 0 ? checked : undefined };
}

/** Checks an http(s) address and trims it. */
function checkAddress(parameter: ParameterName, value: unknown, entry?: number): CheckResult<string> {
	const address = asAddress(value);
	if (address !== undefined) return { ok: true, value: address };
	return { ok: false, refusal: { parameter, value, why: 'notAnAddress', ...(entry ? { entry } : {}) } };
}

function asAddress(value: unknown): string | undefined {
	const text = typeof value === 'string' ? value.trim() : '';
	return /^https?:\/\//i.test(text) && URL.canParse(text) ? text : undefined;
}

/** Whether a value is a file of the workflow. Only the node itself creates these. */
function isFile(value: unknown): boolean {
	return typeof value === 'object' && value !== null && 'identity' in value && 'open' in value;
}
