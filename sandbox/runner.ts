import { parametersWithImageAs, type Parameter } from './ray';

/** One thing wrong with an input, in the shape of pydantic and of fal's own errors (fal docs: errors). */
export interface Problem {
	loc: Array<string | number>;
	msg: string;
	type: string;
	url: string;
	ctx?: Record<string, unknown>;
	input?: unknown;
}

type Input = Record<string, unknown>;

function problem(field: string | undefined, type: string, msg: string, rest: Partial<Problem> = {}): Problem {
	return {
		loc: field === undefined ? ['body'] : ['body', field],
		msg,
		type,
		url: `https://docs.fal.ai/errors#${type}`,
		...rest,
	};
}

/** What the runner's own validation says to an input. Oxen's jobs run there too. */
export function problemsOf(input: Input, imageField: string): Problem[] {
	const problems = parametersWithImageAs(imageField).flatMap(
		(parameter) => problemWith(parameter, input) ?? [],
	);
	if (problems.length === 0 && input.loop === true && input.duration === '10s') {
		problems.push(
			problem(undefined, 'value_error', 'Value error, loop is not supported for 10s videos', {
				ctx: { error: {} },
				input,
			}),
		);
	}
	return problems;
}

function problemWith({ name, type, required, options }: Parameter, input: Input): Problem | undefined {
	const given = input[name];
	if (given === undefined) {
		return required ? problem(name, 'missing', 'Field required', { input }) : undefined;
	}
	if (options) {
		if (options.includes(given as string)) return undefined;
		const quoted = options.map((option) => `'${option}'`);
		const expected = `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
		return problem(name, 'literal_error', `Input should be ${expected}`, { ctx: { expected }, input: given });
	}
	switch (type) {
		case 'boolean':
			return typeof given === 'boolean'
				? undefined
				: problem(name, 'bool_type', 'Input should be a valid boolean', { input: given });
		case 'strings':
			if (given === null) return undefined;
			if (!Array.isArray(given)) {
				return problem(name, 'list_type', 'Input should be a valid list', { input: given });
			}
			return given.every((entry) => typeof entry === 'string')
				? undefined
				: problem(name, 'string_type', 'Input should be a valid string', { input: given });
		default:
			return typeof given === 'string'
				? undefined
				: problem(name, 'string_type', 'Input should be a valid string', { input: given });
	}
}

const IMAGE_TIMEOUT_MS = 5_000;

/**
 * Loads the input's images as a runner would, but only from this machine: the sandbox asks nothing of the
 * outside world, so images elsewhere are taken as they are.
 */
export async function imageProblemsOf(input: Input, imageField: string): Promise<Problem[]> {
	const references = Array.isArray(input.reference_image_urls)
		? (input.reference_image_urls as string[])
		: [];
	const images = [
		[imageField, input[imageField] as string],
		...references.map((url) => ['reference_image_urls', url]),
	];
	const problems = await Promise.all(images.map(([field, url]) => imageProblem(field, url)));
	return problems.filter((found) => found !== undefined);
}

async function imageProblem(field: string, url: string): Promise<Problem | undefined> {
	const unreadable = problem(
		field,
		'image_load_error',
		'Failed to load the image. Please ensure the image file is not corrupted and is in a supported format.',
		{ input: url },
	);
	const unreachable = problem(
		field,
		'file_download_error',
		'Failed to download the file. Please check if the URL is accessible and try again.',
		{ input: url },
	);
	if (url.startsWith('data:')) return /^data:image\/[\w.+-]+;base64,./.test(url) ? undefined : unreadable;
	if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return unreachable;
	if (!['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname)) return undefined;
	try {
		const response = await fetch(url, {
			signal: AbortSignal.timeout(IMAGE_TIMEOUT_MS),
			headers: { 'user-agent': 'luma-ray-sandbox-runner' },
		});
		await response.body?.cancel();
		if (!response.ok) return unreachable;
		const isText = /^(text\/|application\/json)/.test(response.headers.get('content-type') ?? '');
		return isText || response.headers.get('content-length') === '0' ? unreadable : undefined;
	} catch {
		return unreachable;
	}
}
