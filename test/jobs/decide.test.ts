import { decide, type Decision, type Situation } from '../../nodes/LumaRay/jobs/decide';
import type { Failure, RememberedSubmission } from '../../nodes/LumaRay/jobs/memory';
import { jobOf, VIDEO, said } from './support';

/** The next step of an order, in every combination of the facts that it depends on. */

const OPEN: RememberedSubmission = { result: 'open', sentAt: 7, problem: said('No answer') };
const REMEMBERED: { [what: string]: RememberedSubmission | undefined } = {
	'an empty memory': undefined,
	'a job in memory': { result: 'accepted', jobs: [jobOf('job')] },
	'two jobs and a lost one in memory': { result: 'accepted', jobs: [jobOf('one'), jobOf('two')], lost: 1 },
	'only a lost job in memory': { result: 'accepted', jobs: [], lost: 1 },
	'the answer of a blocking call in memory': { result: 'accepted', jobs: [jobOf('job')], outcomes: [VIDEO] },
	'an unanswered submit in memory': OPEN,
};
const FAILURES: { [how: string]: Failure | undefined } = {
	'no earlier failure': undefined,
	'an earlier failure': { problem: said('Refused'), status: 'failed' },
};
const EITHER = [false, true];

const ALL: Array<[string, Situation]> = Object.entries(REMEMBERED).flatMap(([what, remembered]) =>
	Object.entries(FAILURES).flatMap(([how, failure]) =>
		EITHER.flatMap((isListed) =>
			EITHER.flatMap((resumes) =>
				EITHER.map((lastPass): [string, Situation] => [
					`${what}, ${how}${isListed ? ', a job list' : ''}${resumes ? ', a resumed run' : ''}${lastPass ? ', the last pass' : ''}`,
					{ remembered, isListed, resumes, lastPass, failure },
				]),
			),
		),
	),
);

/** The rules. They do not depend on each other. */
const RULES: Array<[string, (situation: Situation) => boolean, (situation: Situation) => Decision | object]> =
	[
		[
			'an order collects its accepted jobs',
			({ remembered }) => remembered?.result === 'accepted',
			({ remembered }) => {
				const { jobs, outcomes, lost } = remembered as RememberedSubmission & { result: 'accepted' };
				return { step: 'collect', jobs, lost: lost ?? 0, ...(outcomes && { outcomes }) };
			},
		],
		[
			'an order searches for the job of an unanswered submit',
			({ remembered, isListed }) => remembered?.result === 'open' && isListed,
			() => ({ step: 'search', open: OPEN }),
		],
		[
			'an order fails with an unknown outcome if the provider has no job list',
			({ remembered, isListed }) => remembered?.result === 'open' && !isListed,
			() => ({ step: 'fail', failure: { problem: said('No answer'), open: true } }),
		],
		[
			'a resumed run submits nothing',
			({ remembered, resumes, failure }) => !remembered && resumes && !failure,
			() => ({
				step: 'fail',
				failure: { problem: { name: 'notOrdered' } },
			}),
		],
		[
			'the pass after the last try submits nothing',
			({ remembered, resumes, lastPass, failure }) => !remembered && !resumes && lastPass && !failure,
			() => ({
				step: 'fail',
				failure: { problem: { name: 'noTriesLeft' } },
			}),
		],
		[
			'an item that must not be submitted again reports its earlier failure',
			({ remembered, resumes, lastPass, failure }) => !remembered && (resumes || lastPass) && !!failure,
			({ failure }) => ({ step: 'fail', failure }),
		],
		[
			'an order is submitted if its memory is empty, the run is not resumed, and tries are left',
			({ remembered, resumes, lastPass }) => !remembered && !resumes && !lastPass,
			() => ({ step: 'submit' }),
		],
	];

test('exactly one rule applies to each combination', () => {
	expect(ALL).toHaveLength(6 * 2 * 2 * 2 * 2);
	for (const [what, situation] of ALL) {
		const rules = RULES.filter(([, isFor]) => isFor(situation)).map(([rule]) => rule);
		expect([what, rules]).toEqual([what, [expect.anything()]]);
	}
});

describe.each(RULES)('%s', (_rule, isFor, expected) => {
	test.each(ALL.filter(([, situation]) => isFor(situation)))('with %s', (_what, situation) => {
		expect(decide(situation)).toEqual(expected(situation));
	});
});

test('a decision never changes the memory', () => {
	for (const [, situation] of ALL) {
		const before = JSON.stringify(situation);
		decide(situation);
		expect(JSON.stringify(situation)).toBe(before);
	}
});
