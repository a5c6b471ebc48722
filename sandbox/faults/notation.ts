import { ENDPOINTS, type Endpoint, type Service } from '../requests';
import { REFUSALS } from './refusals';
import type { FaultRule } from './book';
import type { Fault } from './kinds';

/** Requests held by `hold` can only be released in code, so the command line does not offer it. */
type Kind = Exclude<Fault['kind'], 'hold'>;

/** How the value after `=` is parsed, by kind, and a hint for the help text. A kind without a value has no hint. */
const KINDS: {
	[K in Kind]: { value?: string; read: (value: string) => Omit<Extract<Fault, { kind: K }>, 'kind'> };
} = {
	resetBefore: { read: () => ({}) },
	resetAfter: { read: () => ({}) },
	delay: { value: 'MILLISECONDS', read: (value) => ({ ms: number(value) }) },
	hang: { value: 'accepted|refused', read: (value) => ({ accepted: value === 'accepted' }) },
	status: { value: 'CODE', read: (value) => ({ code: number(value), body: { detail: 'Sandbox fault' } }) },
	notFound: { read: () => ({}) },
	redirect: { value: 'URL', read: (value) => ({ to: value }) },
	truncated: { read: () => ({}) },
	stall: { read: () => ({}) },
	garbage: { read: () => ({}) },
	wrongShape: { value: 'JSON', read: (value) => ({ body: JSON.parse(value || '{}') as unknown }) },
	huge: { value: 'MEGABYTES', read: (value) => ({ megabytes: number(value) }) },
	jobFails: { value: 'MESSAGE', read: (value) => ({ message: value || 'The generation failed' }) },
	silence: { read: () => ({}) },
	dieAfter: { value: 'EVENTS', read: (value) => ({ events: number(value) }) },
	duplicate: { read: () => ({}) },
	reorder: { read: () => ({}) },
	foreign: { read: () => ({}) },
	backToQueue: { read: () => ({}) },
	unknownStatus: { value: 'WORD', read: (value) => ({ status: value || undefined }) },
	nullLogs: { read: () => ({}) },
	videoUrl: { value: 'URL', read: (value) => ({ url: value }) },
	fileName: { value: 'NAME', read: (value) => ({ name: value }) },
	contentType: { value: 'TYPE', read: (value) => ({ type: value }) },
	emptyVideo: { read: () => ({}) },
};

function number(value: string): number {
	if (value === '' || !(Number(value) >= 0)) throw new Error(`'${value}' is not a number`);
	return Number(value);
}

const NOTATION = /^(?:(fal|oxen):)?(\w+)\.(\w+)(?:=(.*?))?(?:@(\d+)(?:-(\d+))?)?$/;

export const NOTATION_HELP = `A fault is written [fal:|oxen:]ENDPOINT.FAULT[=VALUE][@N or @N-M], where N counts the requests to
that endpoint from 1. For example: submit.status=502@1, oxen:events.silence, status.delay=2000@3-5
  Endpoints  ${wrap(ENDPOINTS.filter((endpoint) => endpoint !== 'unknown'))}
  Faults     ${wrap(Object.entries(KINDS).map(([kind, { value }]) => (value ? `${kind}=${value}` : kind)))}
  Refusals   ${wrap(Object.keys(REFUSALS))}
One request alone is struck by the header x-sandbox-fault or the query parameter sandbox_fault.
`;

function wrap(words: readonly string[]): string {
	const lines = [''];
	for (const word of words) {
		if (lines.at(-1)!.length + word.length > 90) lines.push('');
		lines[lines.length - 1] += `${word} `;
	}
	return lines.map((line) => line.trimEnd()).join(`\n${' '.repeat(13)}`);
}

/** Answered with a 400 if the fault was in a request. */
class NotationError extends Error {
	readonly statusCode = 400;
}

/** Parses a fault in the notation of the command line, of headers and of queries. */
export function parseFault(text: string): FaultRule {
	const parts = NOTATION.exec(text.trim());
	if (!parts)
		throw new NotationError(`'${text}' is no fault: write it as ENDPOINT.FAULT[=VALUE][@N or @N-M]`);
	const [, service, endpoint, kind, value = '', from, to] = parts;
	if (!ENDPOINTS.includes(endpoint as Endpoint))
		throw new NotationError(`'${text}': there is no endpoint ${endpoint}`);
	return {
		service: service as Service | undefined,
		endpoint: endpoint as Endpoint,
		nth: from === undefined ? undefined : [Number(from), Number(to ?? from)],
		fault: faultNamed(kind, value, text),
	};
}

function faultNamed(name: string, value: string, text: string): Fault {
	if (Object.hasOwn(REFUSALS, name)) return REFUSALS[name as keyof typeof REFUSALS];
	if (!Object.hasOwn(KINDS, name)) throw new NotationError(`'${text}': there is no fault ${name}`);
	try {
		return { kind: name, ...KINDS[name as Kind].read(value) } as Fault;
	} catch (error) {
		throw new NotationError(`'${text}': ${(error as Error).message}`);
	}
}
