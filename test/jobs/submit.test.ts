import { submitOrder, type SubmitResult } from '../../nodes/LumaRay/jobs/submit';
import type { Provider, Reading, ReadyOrder, Submission } from '../../nodes/LumaRay/providers/provider';
import { newProcess, runIn } from '../support/virtualTime';
import { IMAGE, jobOf, orderOf, said } from './support';

/** One paid request in virtual time. */

const SECOND = 1_000;
const MINUTE = 60_000;
const BUSY: Submission & { result: 'refused' } = { result: 'refused', again: true, problem: said('Busy') };
const REFUSED: Submission = { result: 'refused', again: false, problem: said('Refused') };
const NO_ANSWER: Submission = { result: 'open', problem: said('No answer') };
const ACCEPTED: Submission = { result: 'accepted', jobs: [jobOf('job')], raw: {} };

const READY: Reading<ReadyOrder> = { ok: true, value: { order: orderOf(), addresses: { file: IMAGE } } };

interface Course {
	/** Answers to the paid request. The last one is repeated. */
	answers?: Submission[];
	/** Results of preparing the files. The last one is repeated. */
	files?: Array<Reading<ReadyOrder> | Error>;
	/** How many milliseconds each preparation takes. Infinity: a store that never answers. */
	filesTakeMs?: number;
	deadlineMs?: number;
	/** Milliseconds after which the run is stopped. */
	stopAfterMs?: number;
	/** How many milliseconds the provider takes to answer the paid request. */
	answersAfterMs?: number;
}

/** @returns the result of the submit, and the milliseconds from the start to each request and to the end */
async function submit(
	course: Course,
): Promise<{ submitted?: SubmitResult; sentMs: number[]; tookMs: number }> {
	const process = newProcess();
	const startedAt = process.now();
	const elapsed = () => process.now() - startedAt;
	const stop = new AbortController();
	if (course.stopAfterMs !== undefined) {
		if (course.stopAfterMs === 0) stop.abort();
		else process.time.at(startedAt + course.stopAfterMs, () => stop.abort(), process);
	}
	const answers = [...(course.answers ?? [ACCEPTED])];
	const files = [...(course.files ?? [READY])];
	const next = <T>(list: T[]): T => (list.length > 1 ? list.shift()! : list[0]);
	const sentMs: number[] = [];
	const prepare: Provider['prepare'] = async () => {
		const ready = next(files);
		if (course.filesTakeMs === Infinity) await new Promise(() => undefined);
		if (course.filesTakeMs) await process.sleep(course.filesTakeMs);
		if (ready instanceof Error) throw ready;
		return ready;
	};
	const submitted = await runIn(process, async () =>
		submitOrder(orderOf(), {
			provider: { prepare } as Partial<Provider> as Provider,
			clock: process,
			signal: stop.signal,
			deadline: startedAt + (course.deadlineMs ?? 30 * MINUTE),
			send: async () => {
				sentMs.push(elapsed());
				if (course.answersAfterMs) await process.sleep(course.answersAfterMs);
				return next(answers);
			},
		}),
	);
	return {
		submitted: submitted && { ...submitted, sentAt: submitted.sentAt - startedAt },
		sentMs,
		tookMs: elapsed(),
	};
}

const pauses = (sentMs: number[]) => sentMs.slice(1).map((at, place) => at - sentMs[place]);

describe('a submit is sent once', () => {
	test('if it is accepted', async () => {
		const { submitted, sentMs } = await submit({});
		expect(sentMs).toEqual([0]);
		expect(submitted).toEqual({
			...ACCEPTED,
			jobs: [{ ...jobOf('job'), addresses: { file: IMAGE } }],
			sentAt: 0,
		});
	});

	test('if its outcome is unknown, because it may have been paid for', async () => {
		const { submitted, sentMs } = await submit({ answers: [NO_ANSWER, ACCEPTED] });
		expect(sentMs).toEqual([0]);
		expect(submitted).toEqual({ ...NO_ANSWER, addresses: { file: IMAGE }, sentAt: 0 });
	});

	test('if it is refused permanently', async () => {
		const { submitted, sentMs } = await submit({ answers: [REFUSED, ACCEPTED] });
		expect(sentMs).toEqual([0]);
		expect(submitted).toEqual({ ...REFUSED, sentAt: 0 });
	});
});

describe('a temporarily refused submit', () => {
	test('is sent up to five times, with growing pauses', async () => {
		const { submitted, sentMs } = await submit({ answers: [BUSY] });
		expect(submitted).toMatchObject(BUSY);
		expect(sentMs).toHaveLength(5);
		pauses(sentMs).forEach((pause, place) => {
			expect(pause).toBeGreaterThanOrEqual((SECOND * 2 ** place) / 2);
			expect(pause).toBeLessThanOrEqual(SECOND * 2 ** place);
		});
	});

	test('returns the time of the last try if that one is accepted', async () => {
		const { submitted, sentMs } = await submit({ answers: [BUSY, BUSY, ACCEPTED] });
		expect(submitted).toMatchObject({ result: 'accepted', sentAt: sentMs[2] });
		expect(sentMs).toHaveLength(3);
		expect(sentMs[2]).toBeGreaterThan(0);
	});

	test('is not sent again after a try with an unknown outcome, and returns the time of that try', async () => {
		const { submitted, sentMs } = await submit({ answers: [BUSY, NO_ANSWER, ACCEPTED] });
		expect(submitted).toMatchObject({ result: 'open', sentAt: sentMs[1] });
		expect(sentMs).toHaveLength(2);
	});

	test('waits as long as the provider asks', async () => {
		const { sentMs } = await submit({ answers: [{ ...BUSY, retryAfterMs: 45 * SECOND }, ACCEPTED] });
		expect(sentMs).toEqual([0, 45 * SECOND]);
	});

	test('waits at most two minutes', async () => {
		const { sentMs } = await submit({ answers: [{ ...BUSY, retryAfterMs: 60 * MINUTE }, ACCEPTED] });
		expect(sentMs).toEqual([0, 2 * MINUTE]);
	});

	test('is not sent again after the deadline, and fails immediately', async () => {
		const answers = [{ ...BUSY, retryAfterMs: 45 * SECOND }, ACCEPTED];
		const { submitted, sentMs, tookMs } = await submit({ answers, deadlineMs: 45 * SECOND });
		expect(submitted).toMatchObject(BUSY);
		expect(sentMs).toEqual([0]);
		expect(tookMs).toBe(0);
	});
});

test('a submit is not sent after the deadline', async () => {
	const { submitted, sentMs } = await submit({ deadlineMs: 0 });
	expect(sentMs).toEqual([]);
	expect(submitted).toMatchObject({ result: 'refused', again: false });
	expect(submitted).toMatchObject({
		problem: { name: 'tooLate' },
	});
});

describe('Stop', () => {
	test('before the submit: sends nothing', async () => {
		const { submitted, sentMs } = await submit({ stopAfterMs: 0 });
		expect([submitted, sentMs]).toEqual([undefined, []]);
	});

	test('between two tries: sends nothing more and ends immediately', async () => {
		const answers = [{ ...BUSY, retryAfterMs: MINUTE }, ACCEPTED];
		const { submitted, sentMs, tookMs } = await submit({ answers, stopAfterMs: SECOND });
		expect([submitted, sentMs, tookMs]).toEqual([undefined, [0], SECOND]);
	});

	test.each([ACCEPTED, NO_ANSWER, REFUSED])(
		'while the request is in flight: keeps its answer (%j)',
		async (answer) => {
			const { submitted } = await submit({
				answers: [answer],
				answersAfterMs: 5 * SECOND,
				stopAfterMs: SECOND,
			});
			expect(submitted).toMatchObject({ result: answer.result });
		},
	);

	test('while the files are prepared: sends nothing', async () => {
		const busy: Reading<ReadyOrder> = { ok: false, transient: true, problem: said('Busy') };
		const { submitted, sentMs } = await submit({ files: [busy], stopAfterMs: 100 });
		expect([submitted, sentMs]).toEqual([undefined, []]);
	});
});

describe('the preparation of a file', () => {
	const TRANSIENT: Reading<ReadyOrder> = { ok: false, transient: true, problem: said('Storage is busy') };

	test('may need several tries before a single submit', async () => {
		const { submitted, sentMs } = await submit({
			files: [TRANSIENT, new Error('The disk sleeps'), READY],
		});
		expect(submitted?.result).toBe('accepted');
		expect(sentMs).toHaveLength(1);
	});

	test('fails the item without a submit if n8n cannot read the file', async () => {
		const { submitted, sentMs } = await submit({ files: [new Error('ENOENT')] });
		expect(sentMs).toEqual([]);
		expect(submitted).toMatchObject({
			result: 'refused',
			again: false,
			problem: { name: expect.any(String) },
		});
	});

	test('fails the item without a submit if the provider refuses the file', async () => {
		const problem = said('Too large');
		const { submitted, sentMs } = await submit({ files: [{ ok: false, transient: false, problem }] });
		expect(sentMs).toEqual([]);
		expect(submitted).toMatchObject({ result: 'refused', again: false, problem });
	});

	test('ends without a submit at the deadline', async () => {
		const { sentMs, tookMs } = await submit({ files: [TRANSIENT], deadlineMs: 2 * SECOND });
		expect(sentMs).toEqual([]);
		expect(tookMs).toBeLessThanOrEqual(2 * SECOND);
	});

	test.each([60 * MINUTE, Infinity])(
		'ends without a submit at the deadline if it takes %d ms',
		async (filesTakeMs) => {
			const { submitted, sentMs, tookMs } = await submit({ filesTakeMs, deadlineMs: 30 * MINUTE });
			expect(sentMs).toEqual([]);
			expect(submitted).toMatchObject({ result: 'refused', again: false, problem: { name: 'tooLate' } });
			expect(tookMs).toBe(30 * MINUTE);
		},
	);

	test('does not delay a Stop even if it never ends', async () => {
		const { submitted, sentMs, tookMs } = await submit({ filesTakeMs: Infinity, stopAfterMs: SECOND });
		expect([submitted, sentMs, tookMs]).toEqual([undefined, [], SECOND]);
	});

	test('does not keep a file that was sent inside the request with the job', async () => {
		const { submitted } = await submit({
			files: [{ ok: true, value: { order: orderOf(), addresses: { file: 'data:image/png;base64,AAAA' } } }],
		});
		expect(submitted).toMatchObject({ result: 'accepted', jobs: [jobOf('job')] });
		expect(JSON.stringify(submitted)).not.toContain('data:');
	});
});
