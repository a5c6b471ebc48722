import { loadFile } from './load';
import type { VideoFacts } from './mp4';
import { isGiven, underFalNames, type Input, type Model, type Parameter } from './ray';
import { FRAME_RATE, keyframesWithin } from './ray/rules';

/** One problem with an input, in the format of pydantic and of fal's own errors (fal docs: errors). */
export interface Problem {
	loc: Array<string | number>;
	msg: string;
	type: string;
	url: string;
	ctx?: Record<string, unknown>;
	input?: unknown;
}

type Place = Problem['loc'];

function problem(place: Place, type: string, msg: string, rest: Partial<Problem> = {}): Problem {
	return { loc: ['body', ...place], msg, type, url: `https://docs.fal.ai/errors#${type}`, ...rest };
}

/** The message of a validator that checks more than one field. */
function ruleBroken(message: string, input: Input): Problem {
	return problem([], 'value_error', `Value error, ${message}`, { ctx: { error: {} }, input });
}

/** Checks an input the way the runner's own validation does. Oxen's jobs run there, too. */
export function problemsOf(model: Model, input: Input): Problem[] {
	const problems = problemsIn(model.parameters, input, []);
	if (problems.length > 0) return problems;
	const named = underFalNames(model, input);
	// A validator stops at the first rule that is broken.
	const broken = model.rules.map((rule) => rule(named)).find((message) => message !== undefined);
	return broken === undefined ? [] : [ruleBroken(broken, input)];
}

function problemsIn(parameters: readonly Parameter[], input: Input, place: Place): Problem[] {
	return parameters.flatMap((parameter) => {
		const { name, required, nullable } = parameter;
		const given = input[name];
		if (given === undefined) {
			return required ? [problem([...place, name], 'missing', 'Field required', { input })] : [];
		}
		return given === null && nullable ? [] : problemsWith(parameter, given, [...place, name]);
	});
}

function problemsWith(parameter: Parameter, given: unknown, place: Place): Problem[] {
	const { type, options } = parameter;
	const wrongType = (kind: string, what: string) => [
		problem(place, kind, `Input should be a valid ${what}`, { input: given }),
	];
	if (options) return options.includes(given as string) ? [] : [notAmong(options, given, place)];
	switch (type) {
		case 'boolean':
			return typeof given === 'boolean' ? [] : wrongType('bool_type', 'boolean');
		case 'number':
			return typeof given === 'number'
				? outOfBounds(parameter, given, place)
				: wrongType('float_type', 'number');
		case 'object':
			return given instanceof Object && !Array.isArray(given)
				? problemsIn(parameter.properties ?? [], given as Input, place)
				: wrongType('dict_type', 'dictionary');
		case 'strings':
		case 'integers':
			if (!Array.isArray(given)) return wrongType('list_type', 'list');
			return [
				...wrongLength(parameter, given.length, given, place),
				...given.flatMap((entry: unknown, index) => problemsWithEntry(parameter, entry, [...place, index])),
			];
		default:
			return typeof given === 'string'
				? wrongLength(parameter, given.length, given, place)
				: wrongType('string_type', 'string');
	}
}

function problemsWithEntry(parameter: Parameter, entry: unknown, place: Place): Problem[] {
	if (parameter.type === 'strings') {
		if (typeof entry === 'string') return [];
		return [problem(place, 'string_type', 'Input should be a valid string', { input: entry })];
	}
	if (Number.isInteger(entry)) return outOfBounds(parameter, entry as number, place);
	return [problem(place, 'int_type', 'Input should be a valid integer', { input: entry })];
}

function notAmong(options: readonly string[], given: unknown, place: Place): Problem {
	const quoted = options.map((option) => `'${option}'`);
	const expected = `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
	return problem(place, 'literal_error', `Input should be ${expected}`, { ctx: { expected }, input: given });
}

function wrongLength({ type, shortest, longest }: Parameter, length: number, input: unknown, place: Place) {
	// pydantic's name for strings, and fal's own name for lists (fal docs: errors).
	const [kind, what] = type === 'string' ? ['string', 'characters'] : ['sequence', 'items'];
	if (shortest !== undefined && length < shortest) {
		const ctx = { min_length: shortest };
		return [
			problem(place, `${kind}_too_short`, `Input should have at least ${shortest} ${what}`, { ctx, input }),
		];
	}
	if (longest !== undefined && length > longest) {
		const ctx = { max_length: longest };
		return [
			problem(place, `${kind}_too_long`, `Input should have at most ${longest} ${what}`, { ctx, input }),
		];
	}
	return [];
}

function outOfBounds({ least, most }: Parameter, given: number, place: Place): Problem[] {
	if (least !== undefined && given < least) {
		const message = `Input should be greater than or equal to ${least}`;
		return [problem(place, 'greater_than_equal', message, { ctx: { ge: least }, input: given })];
	}
	if (most !== undefined && given > most) {
		const message = `Input should be less than or equal to ${most}`;
		return [problem(place, 'less_than_equal', message, { ctx: { le: most }, input: given })];
	}
	return [];
}

/** Assumption: the providers do not document how they refuse an account without HDR access. */
export function accountProblems(input: Input, hdrAccess: boolean): Problem[] {
	if (input.hdr !== true || hdrAccess) return [];
	return [problem(['hdr'], 'feature_not_supported', 'HDR is not enabled for this account', { input: true })];
}

export interface LoadReport {
	problems: Problem[];
	/** The source video, if it could be read. */
	source?: VideoFacts;
}

/**
 * Loads the input's images and its source video like a runner, but only from this machine. The sandbox sends no
 * requests to other machines, so files there count as loaded.
 */
export async function loadFiles(model: Model, input: Input): Promise<LoadReport> {
	const files = model.parameters
		.filter(({ name, loads }) => loads !== undefined && isGiven(input[name]))
		.flatMap(({ name, loads }) =>
			[input[name] as string | string[]].flat().map((url) => ({ name, loads, url })),
		);
	const reports = await Promise.all(
		files.map(async ({ name, loads, url }) => ({ name, url, loads, ...(await loadFile(url, loads!)) })),
	);
	const problems = reports.flatMap(({ name, url, loads, failure }) =>
		failure ? [FILE_PROBLEMS[failure](name, url, loads!)] : [],
	);
	const source = reports.find(({ facts }) => facts !== undefined)?.facts;
	if (problems.length > 0) return { problems, source };
	return { problems: source ? sourceProblems(model, input, source) : [], source };
}

const FILE_PROBLEMS = {
	unreadable: (field: string, input: string, kind: 'image' | 'video') =>
		kind === 'image'
			? problem(
					[field],
					'image_load_error',
					'Failed to load the image. Please ensure the image file is not corrupted and is in a supported format.',
					{ input },
				)
			: problem([field], 'unsupported_video_format', 'The video format is not supported.', {
					ctx: { supported_formats: ['.mp4', '.mov', '.webm'] },
					input,
				}),
	unreachable: (field: string, input: string) =>
		problem(
			[field],
			'file_download_error',
			'Failed to download the file. Please check if the URL is accessible and try again.',
			{ input },
		),
};

/** How much two ratios may differ and still count as equal, because sizes are whole pixels. */
const SAME_RATIO = 0.02;

function sourceProblems(model: Model, input: Input, source: VideoFacts): Problem[] {
	const { longestSourceSeconds: longest, operation, parameters } = model;
	const field = parameters.find(({ loads }) => loads === 'video')!.name;
	if (longest !== undefined && source.seconds > longest) {
		const message = `Video duration is too long. Maximum is ${longest} seconds.`;
		const ctx = { max_duration: longest, provided_duration: source.seconds };
		return [problem([field], 'video_duration_too_long', message, { ctx, input: input[field] })];
	}
	if (operation === 'reframe') {
		const [across, down] = (input.aspect_ratio as string).split(':').map(Number);
		// From Luma's documentation: the ratio must differ from that of the source.
		const isSame = Math.abs((source.width * down) / (source.height * across) - 1) < SAME_RATIO;
		return isSame ? [ruleBroken('aspect_ratio must differ from that of the source video', input)] : [];
	}
	// In an edit, keyframes are positions in the source, not in the clip.
	const outside = keyframesWithin(input, Math.floor(source.seconds * FRAME_RATE));
	return outside === undefined ? [] : [ruleBroken(outside, input)];
}
