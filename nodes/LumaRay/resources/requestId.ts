import type { IExecuteFunctions } from 'n8n-workflow';

import { itemError } from './itemError';
import { locatedValue } from './locator';
import { refusedRequestId, type RefusedRequestId } from './messages/parameters';

/** Both providers give UUIDs (fal docs: queue; Oxen's OpenAPI: QueueGenerationResponse). */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** IDs other than UUIDs, in case a provider changes its ID format. No slash, because a slash is part of a URL. */
const ID = /^[\x21-\x2e\x30-\x7e]{1,200}$/;

/**
 * The Request ID of an item. It is always text, even if the user typed digits.
 * @throws NodeOperationError if it cannot be one
 */
export function readRequestId(context: IExecuteFunctions, itemIndex: number): string {
	const value = locatedValue(context.getNodeParameter('requestId', itemIndex, null));
	const read = requestIdIn(typeof value === 'string' || typeof value === 'number' ? String(value) : '');
	if ('id' in read) return read.id;
	throw itemError(context, itemIndex, refusedRequestId(read.why));
}

/**
 * The request ID in some text: the text itself, or part of a URL. A URL is never sent as an ID. In a URL, the ID is the
 * last segment of the path that is a UUID, or else the query parameter `request_id`.
 */
export function requestIdIn(text: string): { id: string } | { why: RefusedRequestId } {
	const id = text.trim();
	if (id === '') return { why: 'empty' };
	if (!id.includes('/')) {
		// An ID of only dots would change the path of the URL that contains it.
		return ID.test(id) && !/^\.+$/.test(id) ? { id } : { why: 'notAnId' };
	}
	const address = id.includes('://') ? id : `https://${id}`;
	if (!URL.canParse(address)) return { why: 'urlWithoutId' };
	const { pathname, searchParams } = new URL(address);
	const named = searchParams.get('request_id') ?? '';
	const found =
		pathname.split('/').findLast((part) => UUID.test(part)) ?? (ID.test(named) ? named : undefined);
	return found === undefined || /^\.+$/.test(found) ? { why: 'urlWithoutId' } : { id: found };
}
