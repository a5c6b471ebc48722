import type { IExecuteFunctions } from 'n8n-workflow';

import type { Order } from '../../providers/provider';
import { checkRayInput } from '../../ray/input';
import { clipPrice } from '../../ray/price';
import type { RayTable } from '../../ray/table';
import { itemError } from '../itemError';
import { readOrderOptions, type RunOptions } from '../options';
import { readImage } from './image';

/** @throws NodeOperationError naming the parameter and the item that cannot be submitted */
export async function readOrder(
	context: IExecuteFunctions,
	index: number,
	table: RayTable,
	{ follow }: RunOptions,
): Promise<Order> {
	const parameter = (name: string) => context.getNodeParameter(name, index, null);
	const checked = checkRayInput(
		{
			prompt: parameter('prompt'),
			aspectRatio: parameter('aspectRatio'),
			resolution: parameter('resolution'),
			duration: parameter('duration'),
			loop: parameter('loop'),
			referenceImageUrls: parameter('referenceImageUrls'),
		},
		table,
	);
	if (!checked.ok) {
		const { message, description } = checked.violation;
		throw itemError(context, index, message, description);
	}
	const { clipPriceUsd, ...options } = readOrderOptions(context, index, table);
	const image = await readImage(context, index, table, options.imageRepository !== undefined);
	const { generations = 1 } = options;
	if (follow === 'direct' && generations > 1) {
		throw itemError(
			context,
			index,
			`'Number of Generations' cannot be ${generations} where 'Follow' is Direct`,
			"The blocking call makes one video. Set 'Follow' to Automatic.",
		);
	}
	const { resolution, duration } = checked.value;
	const isPriced = !table.pricedBy.some((name) => Object.hasOwn(options.additionalFields ?? {}, name));
	const estimate = isPriced ? clipPrice(table, resolution, duration, { ownUsd: clipPriceUsd }) : undefined;
	return { input: checked.value, image, options, estimate };
}
