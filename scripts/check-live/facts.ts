import { z } from 'zod';

/** Something that the node relies on and that only the provider decides. */
export interface Fact {
	/** The statement that must be true. */
	says: string;
	/** The file to change if it is not true. */
	where: string;
	/**
	 * Sends a free request and checks the answer.
	 * @throws Difference if the answer is not as expected, Unchecked if it proves nothing
	 */
	check(): Promise<void>;
}

/** The result of checking a fact. */
export type Finding = Pick<Fact, 'says' | 'where'> &
	(
		| { verdict: 'holds' }
		| { verdict: 'differs'; expected: string; got: string }
		| { verdict: 'unchecked'; why: string }
	);

/** The provider's answer is different. */
export class Difference extends Error {
	constructor(
		readonly expected: string,
		readonly got: string,
	) {
		super(`expected ${expected}, got ${got}`);
	}
}

/** The fact could not be checked. */
export class Unchecked extends Error {}

/** The number of characters of an answer that a report shows. */
const SHOWN_CHARACTERS = 300;

/** Checks the facts one by one. A network error leaves a fact unchecked. */
export async function checkFacts(facts: Fact[], report: (finding: Finding) => void): Promise<Finding[]> {
	const findings: Finding[] = [];
	for (const { says, where, check } of facts) {
		const finding: Finding = await check().then(
			() => ({ says, where, verdict: 'holds' as const }),
			(error: Error) =>
				error instanceof Difference
					? { says, where, verdict: 'differs' as const, expected: error.expected, got: error.got }
					: { says, where, verdict: 'unchecked' as const, why: error.message },
		);
		findings.push(finding);
		report(finding);
	}
	return findings;
}

/** The parts of an answer that the facts need. */
export interface Answer {
	status: number;
	headers: Headers;
	/** The parsed JSON; undefined for anything else. */
	json: unknown;
	text: string;
}

/** The time limit for one request including its answer, in milliseconds. */
const REQUEST_MS = 30_000;

/** Sends one request and reads the whole answer. @throws Unchecked if there is no answer */
export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
	const response = await request(url, init);
	const text = await response.text();
	return { status: response.status, headers: response.headers, json: parse(text), text };
}

/**
 * Opens an event stream and closes it again.
 * @returns its status and headers
 */
export async function openStream(url: string, init: RequestInit): Promise<Omit<Answer, 'json' | 'text'>> {
	const response = await request(url, init);
	await response.body?.cancel();
	return { status: response.status, headers: response.headers };
}

async function request(url: string, init: RequestInit): Promise<Response> {
	try {
		return await fetch(url, { ...init, signal: AbortSignal.timeout(REQUEST_MS) });
	} catch (error) {
		const { cause, message } = error as Error;
		throw new Unchecked(`no answer: ${cause instanceof Error ? cause.message : message}`);
	}
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/**
 * Checks an answer's status and the shape of its JSON.
 * @throws Difference with the expected and the actual answer; Unchecked if the provider is busy or down
 */
export function expectAnswer<Shape extends z.ZodTypeAny>(
	answer: Answer,
	status: number,
	shape: Shape,
): z.output<Shape> {
	expectStatus(answer, [status]);
	const parsed = shape.safeParse(answer.json);
	if (parsed.success) return parsed.data;
	const wanted = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'JSON'}: ${message}`);
	throw new Difference(wanted.join('; '), shown(answer));
}

/** @throws Difference if the status is not one of these; Unchecked if the provider is busy or down */
export function expectStatus(answer: Answer, statuses: number[]): void {
	const { status } = answer;
	if (statuses.includes(status)) return;
	if (status === 429 || status >= 500) throw new Unchecked(`the provider answered ${shown(answer)}`);
	throw new Difference(`HTTP ${statuses.join(' or ')}`, shown(answer));
}

/** @throws Difference unless both are equal */
export function expectEqual(what: string, expected: unknown, got: unknown): void {
	if (expected === got) return;
	throw new Difference(`${what} ${JSON.stringify(expected)}`, JSON.stringify(got) ?? 'nothing');
}

function shown({ status, text }: Answer): string {
	return `HTTP ${status} ${text.slice(0, SHOWN_CHARACTERS)}`.trim();
}

/** A PNG of one pixel, the smallest possible upload. */
export const PIXEL = Buffer.from(
	'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
	'base64',
);

/** A request ID in the providers' format that belongs to no job. */
export const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
