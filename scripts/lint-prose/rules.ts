/**
 * Words that make a reader decode a sentence, and what to write instead: the glossary of this repository. A word that
 * has a plain use as well is matched only in its other one.
 */
export interface Rule {
	pattern: RegExp;
	write: string;
}

const SUBJECT = String.raw`(?:it|that|there|this|one|nobody|n8n|fal|Oxen|some|none|both|several|no|its|each|a|the|you|they)`;

export const RULES: readonly Rule[] = [
	{
		pattern:
			/\b(?:take|takes|taken|took|taking) (?:them |it |its jobs? |the job |that job |these )?up\b(?! to\b)/i,
		write: 'resume, reuse',
	},
	{ pattern: /\banew\b/i, write: 'again' },
	{ pattern: /\bonce more\b/i, write: 'again' },
	{ pattern: /\bshall\b/i, write: 'should, must, will' },
	{ pattern: /\b(?:nobody|whoever|somebody|whom)\b/i, write: 'no one, a caller that, a user, it is unknown' },
	{ pattern: /\b(?:tells|(?:is|are|was|were) (?:not )?told)\b/i, write: 'reports, is reported' },
	{ pattern: /\b(?:lies|lay) (?:in|at|on|once|here|there|under|behind|before|elsewhere)\b/i, write: 'is' },
	{ pattern: /\bstands? (?:in|at|for itself|there|behind|beside|before)\b/i, write: 'is' },
	{
		pattern:
			/\b(?:a|one|each|first|next|last|two|failed|of a) looks?\b|\blooks? at (?:a|the|each|every|its) (?:job|provider)\b/i,
		write: 'a poll, a status check',
	},
	{ pattern: /\bin passing\b|\bpassing (?:status|read|failure|problem|hitch)/i, write: 'transient' },
	{
		pattern:
			/\b(?:is|are|was) no (?:failed|other|more than|longer a|matter|success|list|number|refusal|use)\b|\bis none\b|\bare none\b/i,
		write: 'is not a …, does not exist',
	},
	{ pattern: /\bin the air\b/i, write: 'in flight' },
	{ pattern: /\b(?:ends?|ended) badly\b|\bbad items?\b/i, write: 'failed, a failed item' },
	{ pattern: /\bmend(?:s|ed|ing)?\b/i, write: 'fix' },
	{
		pattern: /\bbr(?:ing|ings|ought) (?:it |them |a video |the video |its video )?home\b/i,
		write: 'download',
	},
	{ pattern: /\bwish(?:es|ed)?\b/i, write: 'option, request' },
	{ pattern: /\bthe person\b/i, write: 'the user, you' },
	{ pattern: /\bof which\b|\bof whose\b/i, write: 'whose, of those' },
	{ pattern: /\ba hitch\b/i, write: 'a transient failure' },
	{ pattern: /\b(?:open )?fates?\b/i, write: 'outcome, unknown outcome' },
	{
		pattern: new RegExp(
			String.raw`\bwhere ${SUBJECT} (?:is|are|was|were|has|have|had|does|do|can|cannot|could|holds|names|gives|lacks|would|only)\b`,
			'i',
		),
		write: 'if, when',
	},
	{
		pattern: /\bgive(?:s|n)? (?:it|the job|a job|them) up\b|\bgave (?:it|the job) up\b/i,
		write: 'stop waiting for it',
	},
	{ pattern: /\bsaid to be\b|\bso to speak\b|\bfor good and all\b/i, write: 'leave it out' },
	{ pattern: /\ball the same\b|\bhowever it does\b/i, write: 'still, anyway' },
	{ pattern: /\bhitherto\b|\bthereby\b|\bwhereby\b|\bwherever it may\b/i, write: 'leave it out' },
	{ pattern: /\bfor ever\b/i, write: 'forever' },
	{ pattern: /\bin place of\b/i, write: 'instead of' },
	{ pattern: /\balso (?:if|where|when)\b/i, write: 'even if' },
	{ pattern: /\bwhere (?:neither|nothing|something|that takes|none)\b/i, write: 'if' },
	{ pattern: /\b(?:after|by|for|in|of|with) so (?:many|much)\b/i, write: 'this many' },
	{ pattern: /\bgo(?:es|ing)? on (?:to|with|after|until|while)\b|\bgoes on[.,;]/i, write: 'continue' },
	{ pattern: /\bneeds? not\b/i, write: 'does not have to' },
	{ pattern: /\bmov(?:e|es|ed|ing) (?:it|them|a job) on\b/i, write: 'advance' },
	{ pattern: /\bcom(?:e|es|ing) to rest\b/i, write: 'finish, stable' },
	{ pattern: /\byet to be\b/i, write: 'not … yet' },
	{ pattern: /\bamiss\b|\bto be had\b|\bat hand\b/i, write: 'wrong, available' },
	{
		pattern: /\bwhatever became of\b|\bbut for its\b|\bpays? for none\b/i,
		write: 'regardless of, except for, does not pay',
	},
	{ pattern: /\bspeaks? (?:only |neither )?of\b/i, write: 'mention' },
	{
		pattern: /\bput(?:s|ting)? (?:it|that|them|this) off\b|\b(?:is|are|was|were|be|being) held up\b/i,
		write: 'delay, block',
	},
	{ pattern: /\bmore often than not\b/i, write: 'usually' },
];
