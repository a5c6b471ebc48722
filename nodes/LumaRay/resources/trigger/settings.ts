import { NodeOperationError, type IDataObject, type IPollFunctions } from 'n8n-workflow';

import type { EndEvent } from '../../jobs/ended';
import type { ProviderId } from '../../models/names';
import { refusedValue } from '../messages/parameters';
import { numberWithin } from '../numbers';
import type { OutputForm } from '../output';
import { eventField, limitField } from './fields';

const EVENTS: readonly EndEvent[] = eventField.options.map(({ value }) => value);

/** The user's settings of the trigger. */
export interface TriggerSettings {
	provider: ProviderId;
	event: EndEvent;
	downloads: boolean;
	form: OutputForm;
	/** The maximum number of items per poll. */
	limit: number;
	/** The Oxen.ai namespace, if it is not the user's own. */
	namespace?: string;
}

/** @throws NodeOperationError if the limit is not a whole number of at least 1, or if the event is unknown */
export function readSettings(context: IPollFunctions): TriggerSettings {
	const options = context.getNodeParameter('options', {}) as IDataObject;
	const range = { least: 1, whole: true };
	const limit = numberWithin(options.limit ?? limitField.default, range);
	if (limit === undefined) {
		const { message, description } = refusedValue(limitField, range);
		throw new NodeOperationError(context.getNode(), message, { description });
	}
	const event = context.getNodeParameter('event') as EndEvent;
	if (!EVENTS.includes(event)) {
		const { message, description } = refusedValue(eventField, EVENTS);
		throw new NodeOperationError(context.getNode(), message, { description });
	}
	const provider = context.getNodeParameter('provider') as ProviderId;
	const namespace = provider === 'oxen' ? String(options.targetNamespace ?? '').trim() : '';
	return {
		provider,
		event,
		downloads: context.getNodeParameter('downloadVideo', false) === true,
		form: {
			simplify: context.getNodeParameter('simplify', true) !== false,
			field: String(context.getNodeParameter('outputBinaryField', 'data')),
		},
		limit,
		...(namespace === '' ? {} : { namespace }),
	};
}

/** Identifies the account whose generations are polled. The state of one account does not apply to another. */
export function accountOf(context: IPollFunctions, { provider, namespace }: TriggerSettings): string {
	const credentials = context.getNode().credentials ?? {};
	const ids = Object.entries(credentials).flatMap(([type, { id }]) =>
		type.toLowerCase().includes(provider) ? [id] : [],
	);
	return JSON.stringify([provider, ids, namespace ?? '']);
}
