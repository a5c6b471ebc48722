import type { IExecuteFunctions } from 'n8n-workflow';

import type { Catalogue } from '../../models/catalogue';
import type { Difference } from '../../models/differences';
import type { ModelName } from '../../models/names';
import { sayUnexplained } from '../messages/differences';

/** Shows a hint next to the output if the provider's description of the model matches no edition of the catalogue. */
export function hintAtDifferences(
	context: IExecuteFunctions,
	{ name, models }: Catalogue,
	model: ModelName,
	differences: readonly Difference[],
): void {
	const message = sayUnexplained(name, models[model].endpoint, differences);
	context.addExecutionHints({ message, type: 'warning', location: 'outputPane' });
}
