import { decide, type Decision, type Situation } from '../../nodes/LumaRay/jobs/decide';
import type { Failure, RememberedSubmission } from '../../nodes/LumaRay/jobs/memory';
import { jobOf, VIDEO, said } from './support';

/** The next step of an order, for every combination of what it depends on. */

const OPEN: RememberedSubmission = { result: 'open', sentAt: 7, problem: said('No answer') };
const REMEMBERED: { [what: string]: RememberedSubmission | undefined } = {
	nothing: undefined,
	'a job': { result: 'accepted', jobs: [jobOf('job')] },
	'two jobs, and one that is lost': { result: 'accepted', jobs: [jobOf('one'), jobOf('two')], lost: 1 },
	'no job, and one that is lost': { result: 'accepted', jobs: [], lost: 1 },
	'the answer of a blocking call': { result: 'accepted', jobs: [jobOf('job')], outcomes: [VIDEO] },
	'a submit without an answer': OPEN,
};
const FAILURES: { [how: string]: Failure | undefined } = {
	'never failed': undefined,
	'failed before': { problem: said('Refused'), status: 'failed' },
};
const EITHER = [false, true];

const ALL: Array<[string, Situation]> = Object.entries(REMEMBERED).flatMap(([what, remembered]) =>
	Object.entries(FAILURES).flatMap(([how, failure]) =>
		EITHER.flatMap((isListed) =>
			EITHER.flatMap((resumes) =>
				EITHER.map((lastPass): [string, Situation] => [
					`${what}, ${how}${isListed ? ', listed' : ''}${resumes ? ', resumes' : ''}${lastPass ? ', last pass' : ''}`,
					{ remembered, isListed, resumes, lastPass, failure },
				]),
			),
		),
	),
);

/** The rules, each independent of the others. */
const RULES: Array<[string, (situation: Situation) => boolean, (situation: Situation) => Decision | object]> =
	[
		[
			'what was accepted is collected',
			({ remembered }) => remembered?.result === 'accepted',
			({ remembered }) => {
				const { jobs, outcomes, lost } = remembered as RememberedSubmission & { result: 'accepted' };
				return { step: 'collect', jobs, lost: lost ?? 0, ...(outcomes && { outcomes }) };
			},
		],
		[
			'a submit without an answer is searched for',
			({ remembered, isListed }) => remembered?.result === 'open' && isListed,
			() => ({ step: 'search', open: OPEN }),
		],
		[
			'if no list can show its job, it fails with an unknown outcome',
			({ remembered, isListed }) => remembered?.result === 'open' && !isListed,
			() => ({ step: 'fail', failure: { problem: said('No answer'), open: true } }),
		],
		[
			'a resumed run orders nothing',
			({ remembered, resumes, failure }) => !remembered && resumes && !failure,
			() => ({
				step: 'fail',
				failure: { problem: { name: 'notOrdered' } },
			}),
		],
		[
			'the pass after the last try orders nothing',
			({ remembered, resumes, lastPass, failure }) => !remembered && !resumes && lastPass && !failure,
			() => ({
				step: 'fail',
				failure: { problem: { name: 'noTriesLeft' } },
			}),
		],
		[
			'an item that may not be ordered again reports how it failed',
			({ remembered, resumes, lastPass, failure }) => !remembered && (resumes || lastPass) && !!failure,
			({ failure }) => ({ step: 'fail', failure }),
		],
		[
			'submit only if nothing is remembered, the run is not resumed, and tries are left',
			({ remembered, resumes, lastPass }) => !remembered && !resumes && !lastPass,
			() => ({ step: 'submit' }),
		],
	];

test('each combination has exactly one rule', () => {
	expect(ALL).toHaveLength(6 * 2 * 2 * 2 * 2);
	for (const [what, situation] of ALL) {
		const rules = RULES.filter(([, isFor]) => isFor(situation)).map(([rule]) => rule);
		expect([what, rules]).toEqual([what, [expect.anything()]]);
	}
});

describe.each(RULES)('%s', (_rule, isFor, expected) => {
	test.each(ALL.filter(([, situation]) => isFor(situation)))('%s', (_what, situation) => {
		expect(decide(situation)).toEqual(expected(situation));
	});
});

test('a decision never changes what is remembered', () => {
	for (const [, situation] of ALL) {
		const before = JSON.stringify(situation);
		decide(situation);
		expect(JSON.stringify(situation)).toBe(before);
	}
});
