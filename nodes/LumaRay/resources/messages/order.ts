import { offeredOptions, type Catalogue, type Edition } from '../../models/catalogue';
import type { FileKind } from '../../models/files';
import type { ModelName } from '../../models/names';
import { formatUsd, type Estimate, type NoPrice } from '../../models/prices';
import { OFFERED } from '../../providers/offered';
import { describe } from './input';
import { counted, option, parameter, quoted, upperFirst } from './names';
import type { Message } from './wording';

/** Why an order, or a whole run, is refused before anything is paid. */

const A: { readonly [Kind in FileKind]: string } = { image: 'an image', video: 'a video' };

/** The total cost of all orders of a run, or of a call of an AI tool. */
export interface Bill {
	totalUsd: number;
	/** USD that earlier calls of the execution have spent. */
	beforeUsd: number;
	maxCostUsd: number;
	clips: number;
	dearestUsd: number;
	source: Estimate['source'];
	isToolCall: boolean;
}

/** @param listDate when the price list was read (ISO date) */
export function overBudget(bill: Bill, provider: string, listDate: string): Message {
	const { totalUsd, beforeUsd, maxCostUsd, clips, dearestUsd, source, isToolCall } = bill;
	const before = beforeUsd > 0 ? ` after ${formatUsd(beforeUsd)} for earlier calls of this execution` : '';
	const prices = {
		own: `your ${option('clipPriceUsd')}`,
		live: `the live price of ${provider}`,
		table: `the price list of ${listDate}`,
	};
	return {
		message: `This ${isToolCall ? 'call' : 'run'} would cost ${formatUsd(totalUsd)} at ${provider}${before}, more than ${option('maxCostUsd')} of ${formatUsd(maxCostUsd)}`,
		description: `${counted(clips, 'video')}, up to ${formatUsd(dearestUsd)} each, by ${prices[source]}. Nothing was submitted or billed. Send fewer items, choose a lower ${parameter('resolution')} or ${parameter('duration')}, or raise ${option('maxCostUsd')} in the options.`,
	};
}

/** An order whose price is unknown, so that the budget cannot be checked. */
export function unpriced(reason: NoPrice, { name, pricedBy }: Catalogue): Message {
	const noBudget = `so ${option('maxCostUsd')} cannot be checked`;
	if (reason === 'additionalFields') {
		return {
			message: `${option('additionalFields')} changes the price, ${noBudget}`,
			description: `Nothing was submitted or billed. Remove ${pricedBy.join(', ')} from ${option('additionalFields')} and use the fields of the node instead, or remove ${option('maxCostUsd')}.`,
		};
	}
	const why =
		reason === 'sourceLength' ? 'depends on the length of the source' : `is not published by ${name}`;
	const chooseDuration =
		reason === 'sourceLength' ? `Choose a ${parameter('duration')} if there is one, set` : 'Set';
	return {
		message: `The price of this video ${why}, ${noBudget}`,
		description: `Nothing was submitted or billed. ${chooseDuration} ${option('clipPriceUsd')} in the options to what one video may cost, or remove ${option('maxCostUsd')}.`,
	};
}

/**
 * Why an estimate has no price, and what to do about it.
 * @param lengthField the display name of a field for the length of the source, if there is one
 */
export function sayNoPrice(
	reason: NoPrice,
	{ name, models }: Catalogue,
	model: ModelName,
	lengthField?: string,
): string {
	const setPrice = `set ${option('clipPriceUsd')}`;
	if (reason === 'additionalFields') {
		return `${option('additionalFields')} changes the price. Use the fields of the node instead.`;
	}
	if (reason === 'unpublished') return `${name} publishes no price for this video. ${upperFirst(setPrice)}.`;
	const hasDuration = offeredOptions(models[model], 'duration').some((value) => value !== 'source');
	const remedies = [
		...(hasDuration ? [`choose a ${parameter('duration')}`] : []),
		...(lengthField ? [`enter ${quoted(lengthField)}`] : ['send the source as an MP4 in binary data']),
		`or ${setPrice}`,
	];
	const what = upperFirst(remedies.join(remedies.length > 2 ? ', ' : ' '));
	return `The price depends on the length of the source video, which is unknown. ${what}.`;
}

/** @param seconds the length of the source */
export function sourceTooLong(
	seconds: number,
	{ longestSourceSeconds, date, source }: Edition,
	{ name }: Catalogue,
): Message {
	const is = Number(seconds.toFixed(2));
	return {
		message: `The source video is ${is} seconds long; ${name} accepts up to ${longestSourceSeconds} seconds`,
		description: `Nothing was submitted or billed. Trim the video before this node. The limit is from ${source}, as of ${date}.`,
	};
}

/** The field that names the file, and the field for its URL. */
export interface FilePlace {
	/** The label of the field that names the file, in quotes, with its entry in a list. */
	label: string;
	address: string;
	kind: FileKind;
}

/** @param fields the binary fields of the item */
export function noFileInField(field: unknown, fields: string[], { label, kind }: FilePlace): Message {
	return {
		message: `${label} is ${describe(field)}, but the item has no file with that name`,
		description:
			fields.length > 0
				? `The item has files in these fields: ${fields.join(', ')}. In ${label}, enter the name of the one that contains the ${kind}.`
				: `The item has no files. Add a node before this one that provides the ${kind}, such as On Form Submission with a file field, HTTP Request, Google Drive or Read/Write Files from Disk.`,
	};
}

/** What decides whether a provider accepts a file of an item. */
interface FileInField extends FilePlace {
	field: string;
	bytes: number;
	mimeType: string;
	/** The maximum number of bytes that the provider accepts this way. */
	most: number;
}

/** @returns undefined if the provider accepts the file */
export function refusedFile(file: FileInField, { name, maxFileBytes }: Catalogue): Message | undefined {
	const { field, bytes, mimeType, most, kind, label, address } = file;
	const subject = `The binary field '${field}' of ${label}`;
	const giveAddress = `enter its URL in ${quoted(address)}`;
	if (bytes === 0) {
		const description = 'Check what the node before this one puts into that field.';
		return { message: `${subject} is empty (0 bytes)`, description };
	}
	const byRepository =
		'oxen' in OFFERED ? ` set ${option('imageUpload')} to Repository in the options (Oxen.ai), or` : '';
	const description = `Put ${A[kind]} into that field. If it is too large for the request,${byRepository} ${giveAddress}.`;
	if (!mimeType.startsWith(`${kind}/`)) {
		return { message: `${subject} contains ${mimeType}, not ${A[kind]}`, description };
	}
	if (bytes <= most) return undefined;
	const message = `${subject} contains ${bytes} bytes; ${name} accepts up to ${most}`;
	if (bytes <= maxFileBytes[kind]) return { message, description };
	return { message, description: `Make the ${kind} smaller, or ${giveAddress}.` };
}

/** Several files that are each small enough for a request, but together are too large. */
export function filesTooLarge(bytes: number, most: number, provider: string): Message {
	return {
		message: `The files of this item have ${bytes} bytes in total; ${provider} accepts up to ${most} in one request`,
		description: `Set ${option('imageUpload')} in the options to Repository, or enter URLs instead of the files.`,
	};
}

export function severalByDirect(generations: number): Message {
	return {
		message: `${option('numGenerations')} cannot be ${generations} if ${option('follow')} is Direct`,
		description: `The blocking call makes only one video. Set ${option('follow')} to Automatic.`,
	};
}

/** n8n mixes up two simultaneous calls: this one would order what the other one asked for. */
export const SHARED_CALL: Message = {
	message: 'Another call of this tool is running, and this version of n8n mixes up their arguments',
	description: 'Nothing was submitted or billed. Call the tool again when the other call has ended.',
};
