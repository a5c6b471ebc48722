import type { AspectRatio, Duration, RayTable, Resolution } from './table';

/** What Luma Ray 3.2 is asked for. Names are neutral: each provider translates them to its own. */
export interface RayInput {
	prompt: string;
	aspectRatio: AspectRatio;
	resolution: Resolution;
	duration: Duration;
	/** Absent where the duration cannot loop. */
	loop?: boolean;
	referenceImageUrls: string[];
}

/** What a person sets of a video. The image stands apart: it may lie in the workflow's binary data. */
export type RayParameter = keyof RayInput | 'imageUrl';

/** What one provider calls the parameters on its wire. */
export type InputNames = Readonly<Record<RayParameter, string>>;

/** The parameters' names as people see them. */
export const LABELS = {
	prompt: 'Prompt',
	imageUrl: 'Image URL',
	aspectRatio: 'Aspect Ratio',
	resolution: 'Resolution',
	duration: 'Duration',
	loop: 'Loop',
	referenceImageUrls: 'Reference Image URLs',
} as const satisfies Record<RayParameter, string>;

/** Why a value cannot be sent: what it is, and how to mend it. */
export interface Violation {
	parameter: RayParameter;
	message: string;
	description: string;
}

export type Checked<T> = { ok: true; value: T } | { ok: false; violation: Violation };

/** Values as they come out of a form or an expression: anything at all. */
export type RawRayInput = Partial<Record<Exclude<RayParameter, 'imageUrl'>, unknown>>;

/** The longest part of a value that a message repeats, in characters. */
const SHOWN_CHARACTERS = 60;

/**
 * Checks the values against what the provider's table allows, so that nothing is paid for an input that the
 * model would refuse. Never throws: the first value that cannot be sent comes back as a violation.
 */
export function checkRayInput(raw: RawRayInput, table: RayTable): Checked<RayInput> {
	const prompt = checkPrompt(raw.prompt);
	if (!prompt.ok) return prompt;
	const aspectRatio = checkOption('aspectRatio', raw.aspectRatio, table.aspectRatios);
	if (!aspectRatio.ok) return aspectRatio;
	const resolution = checkOption('resolution', raw.resolution, table.resolutions);
	if (!resolution.ok) return resolution;
	const duration = checkOption('duration', raw.duration, table.durations);
	if (!duration.ok) return duration;
	const loop = checkLoop(raw.loop, duration.value, table);
	if (!loop.ok) return loop;
	const references = checkReferences(raw.referenceImageUrls);
	if (!references.ok) return references;
	return {
		ok: true,
		value: {
			prompt: prompt.value,
			aspectRatio: aspectRatio.value,
			resolution: resolution.value,
			duration: duration.value,
			...(loop.value === undefined ? {} : { loop: loop.value }),
			referenceImageUrls: references.value,
		},
	};
}

/** Checks that a value is an http(s) URL that the provider can download; blanks around it are dropped. */
export function checkImageUrl(value: unknown): Checked<string> {
	return checkHttpUrl('imageUrl', value, `'${LABELS.imageUrl}'`);
}

/** Checks Resolution and Duration alone, for a price. */
export function checkPriced(
	raw: { resolution: unknown; duration: unknown },
	table: RayTable,
): Checked<{ resolution: Resolution; duration: Duration }> {
	const resolution = checkOption('resolution', raw.resolution, table.resolutions);
	if (!resolution.ok) return resolution;
	const duration = checkOption('duration', raw.duration, table.durations);
	if (!duration.ok) return duration;
	return { ok: true, value: { resolution: resolution.value, duration: duration.value } };
}

function refuse<T>(parameter: RayParameter, message: string, description: string): Checked<T> {
	return { ok: false, violation: { parameter, message, description } };
}

function checkPrompt(value: unknown): Checked<string> {
	// A prompt of digits ("2026") comes out of an expression as a number; the model wants text.
	const text = typeof value === 'number' ? String(value) : value;
	if (typeof text === 'string' && text.trim() !== '') return { ok: true, value: text };
	return refuse(
		'prompt',
		`'${LABELS.prompt}' is ${describe(value)}`,
		'Describe in words how the image should move. If an expression fills the field, check that it yields text for every item.',
	);
}

function checkOption<T extends string>(
	parameter: 'aspectRatio' | 'resolution' | 'duration',
	value: unknown,
	options: readonly T[],
): Checked<T> {
	const found = options.find((option) => option === value);
	if (found !== undefined) return { ok: true, value: found };
	return refuse(
		parameter,
		`'${LABELS[parameter]}' is ${describe(value)}, which is not one of its options`,
		`Use one of: ${options.join(', ')}.`,
	);
}

function checkLoop(value: unknown, duration: Duration, table: RayTable): Checked<boolean | undefined> {
	// The field is hidden where the duration cannot loop, and then yields nothing.
	if (value === undefined || value === null) return { ok: true, value: undefined };
	const loop = value === 'true' ? true : value === 'false' ? false : value;
	if (typeof loop !== 'boolean') {
		return refuse('loop', `'${LABELS.loop}' is ${describe(value)}`, 'Use true or false.');
	}
	if (table.loopDurations.includes(duration)) return { ok: true, value: loop };
	if (!loop) return { ok: true, value: undefined };
	return refuse(
		'loop',
		`'${LABELS.loop}' cannot be on for a clip of ${duration}`,
		`Clips of ${table.loopDurations.join(', ')} can loop. Turn '${LABELS.loop}' off or change '${LABELS.duration}'.`,
	);
}

function checkReferences(value: unknown): Checked<string[]> {
	if (value === undefined || value === null) return { ok: true, value: [] };
	if (!Array.isArray(value)) {
		return refuse(
			'referenceImageUrls',
			`'${LABELS.referenceImageUrls}' is ${describe(value)}, not a list`,
			'Add one URL per entry, or use an expression that yields a list of URLs.',
		);
	}
	const urls: string[] = [];
	// An entry whose expression yields a list counts as its members; an entry left blank in the form as none.
	for (const entry of value.flat() as unknown[]) {
		if (typeof entry === 'string' && entry.trim() === '') continue;
		const checked = checkHttpUrl(
			'referenceImageUrls',
			entry,
			`Entry ${urls.length + 1} of '${LABELS.referenceImageUrls}'`,
		);
		if (!checked.ok) return checked;
		urls.push(checked.value);
	}
	return { ok: true, value: urls };
}

function checkHttpUrl(parameter: RayParameter, value: unknown, subject: string): Checked<string> {
	const text = typeof value === 'string' ? value.trim() : value;
	if (typeof text === 'string' && /^https?:\/\//i.test(text) && URL.canParse(text)) {
		return { ok: true, value: text };
	}
	return refuse(
		parameter,
		`${subject} is ${describe(value)}, not an http(s) URL`,
		"Use a public address that starts with https:// and that the provider can download without signing in. For an image that is in the workflow itself, set 'Image Source' to Binary Data.",
	);
}

/** Names a value in a message without flooding it. */
function describe(value: unknown): string {
	// An expression that finds nothing yields undefined or null: for the reader, the field is empty.
	if (value === undefined || value === null) return 'empty';
	if (typeof value === 'string') {
		if (value.trim() === '') return 'empty';
		return `"${value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value}"`;
	}
	if (Array.isArray(value)) return 'a list';
	if (typeof value === 'object') return 'an object';
	return String(value);
}
