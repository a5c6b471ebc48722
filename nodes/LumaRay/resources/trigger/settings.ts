import { NodeOperationError, type IDataObject, type IPollFunctions } from 'n8n-workflow';

import type { EndEvent } from '../../jobs/ended';
import type { ProviderId } from '../../models/names';
import { refusedValue } from '../messages/parameters';
import { numberWithin } from '../numbers';
import type { OutputForm } from '../output';
import { eventField, limitField } from './fields';

const EVENTS: readonly EndEvent[] = eventField.options.map(({ value }) => value);

/** What the user set on the trigger. */
export interface TriggerSettings {
	provider: ProviderId;
	event: EndEvent;
	downloads: boolean;
	form: OutputForm;
	/** The most items of one poll. */
	limit: number;
	/** Oxen's namespace, if it is not the user's own. */
	namespace?: string;
}

/** @throws NodeOperationError for a limit that is not a number from 1 on, and for an event that there is not */
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

/** Whose generations are polled. What is known of those of one account says nothing of another's. */
export function accountOf(context: IPollFunctions, { provider, namespace }: TriggerSettings): string {
	const credentials = context.getNode().credentials ?? {};
	const ids = Object.entries(credentials).flatMap(([type, { id }]) =>
		type.toLowerCase().includes(provider) ? [id] : [],
	);
	return JSON.stringify([provider, ids, namespace ?? '']);
}
