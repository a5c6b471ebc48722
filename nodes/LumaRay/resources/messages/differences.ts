import type { Difference } from '../../models/differences';
import { option } from './names';

const FIELDS = option('additionalFields');

const MEANINGS: { [change in Difference['change']]: string } = {
	removed: 'The provider no longer describes this parameter and may ignore or refuse it.',
	added: `New at the provider. Until this package offers it, send it with ${FIELDS}.`,
	optionsAdded: `New at the provider. Until this package offers them, send them with ${FIELDS}.`,
	optionsRemoved: 'The provider no longer accepts these options.',
	nowRequired: `The provider requires it now. Send it with ${FIELDS}.`,
};

/** The maximum number of differences that a hint lists. */
const SHOWN_DIFFERENCES = 8;

const CHANGES: { [change in Difference['change']]: string } = {
	removed: 'no longer described',
	added: 'new',
	optionsAdded: 'new options',
	optionsRemoved: 'options removed',
	nowRequired: 'now required',
};

/** Says that the provider describes a model differently than this version of the node expects. */
export function sayUnexplained(name: string, endpoint: string, differences: readonly Difference[]): string {
	const named = differences.slice(0, SHOWN_DIFFERENCES).map(({ parameter, change, options }) => {
		const which = options ? `: ${options.map(asWord).join(', ')}` : '';
		return `${asWord(parameter)} (${CHANGES[change]}${which})`;
	});
	const more = differences.length - named.length;
	const list = [...named, ...(more > 0 ? [`${more} more`] : [])].join('; ');
	return `${name} describes ${endpoint} differently than this version of the node expects: ${list}. The items were sent unchanged. Check the videos, and update the node.`;
}

/** A provider's word, safe inside a hint, which n8n shows as HTML. */
function asWord(word: string): string {
	return word.replace(/[^\w.:+-]/g, '').slice(0, 60);
}

/** Adds the meaning for a workflow to a difference. */
export function explainDifference(difference: Difference): Difference & { meaning: string } {
	return { ...difference, meaning: MEANINGS[difference.change] };
}
