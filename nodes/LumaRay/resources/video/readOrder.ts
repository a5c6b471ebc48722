import type { IExecuteFunctions } from 'n8n-workflow';

import { newestEdition, offeredParameters, type Catalogue } from '../../models/catalogue';
import { checkInput, type RawInput } from '../../models/check';
import type { ModelName } from '../../models/names';
import { isOption, PARAMETERS, type Input, type ParameterOfKind } from '../../models/parameters';
import { clipPrice, type Estimate } from '../../models/prices';
import type { Order, OrderOptions } from '../../providers/provider';
import { itemError } from '../itemError';
import { wordInputRefusal } from '../messages/input';
import { severalByDirect } from '../messages/order';
import { readOrderOptions, type RunOptions } from '../options';
import { readFile } from './files';

/**
 * The order of one item, as its parameters say.
 * @throws NodeOperationError naming the parameter and the item that cannot be submitted
 */
export async function readOrder(
	context: IExecuteFunctions,
	index: number,
	model: ModelName,
	catalogue: Catalogue,
	{ follow }: RunOptions,
): Promise<Order> {
	const { clipPriceUsd, ...options } = readOrderOptions(context, index, catalogue);
	const raw = await readParameters(context, index, model, catalogue, options);
	const checked = checkInput(raw, catalogue.models[model]);
	if (!checked.ok) throw itemError(context, index, wordInputRefusal(checked.refusal));
	const { generations = 1 } = options;
	if (follow === 'direct' && generations > 1) {
		throw itemError(context, index, severalByDirect(generations));
	}
	const estimate = estimateFor(model, checked.value, options, catalogue, clipPriceUsd);
	return { model, input: checked.value, options, estimate };
}

async function readParameters(
	context: IExecuteFunctions,
	index: number,
	model: ModelName,
	catalogue: Catalogue,
	options: OrderOptions,
): Promise<RawInput> {
	const raw: RawInput = {};
	for (const name of offeredParameters(catalogue.models[model])) {
		raw[name] =
			PARAMETERS[name].kind === 'file'
				? await readFile(context, index, name as ParameterOfKind<'file'>, model, catalogue, options)
				: isOption(name)
					? (context.getNodeParameter('options', index, {}) as RawInput)[name]
					: context.getNodeParameter(name, index, null);
	}
	return raw;
}

/** Fields that change the price make it unknown, also if the user has typed one. */
function estimateFor(
	model: ModelName,
	input: Input,
	{ additionalFields = {} }: OrderOptions,
	{ models, pricedBy }: Catalogue,
	ownUsd?: number,
): Estimate {
	if (pricedBy.some((name) => Object.hasOwn(additionalFields, name))) {
		return { usd: null, reason: 'additionalFields', source: 'table' };
	}
	return clipPrice(newestEdition(models[model]), input, { ownUsd });
}
