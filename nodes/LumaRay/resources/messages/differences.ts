import type { Difference } from '../../models/differences';
import { option } from './names';

const FIELDS = option('additionalFields');

const MEANINGS: { [change in Difference['change']]: string } = {
	removed: 'The provider no longer describes this parameter; it may ignore or refuse it.',
	added: `New at the provider. Until this package offers it, send it with ${FIELDS}.`,
	optionsAdded: `New at the provider. Until this package offers them, send them with ${FIELDS}.`,
	optionsRemoved: 'The provider no longer accepts these options.',
	nowRequired: `The provider requires it now. Send it with ${FIELDS}.`,
};

/** A difference with what it means for a workflow, as a sentence. */
export function explainDifference(difference: Difference): Difference & { meaning: string } {
	return { ...difference, meaning: MEANINGS[difference.change] };
}
