import type { Service } from '../requests';
import type { Strike } from './book';
import { rewriteAnswer } from './rewrite';

/** The actions of an event stream. */
export interface EventSink {
	send(data: unknown, event?: string): void;
	/** Sends half of an event and breaks the connection. */
	breakOff(data: unknown, event?: string): void;
	end(): void;
}

/** Events that a client must ignore: one of an unknown type, and one about another user's job. */
const FOREIGN_EVENTS: Record<Service, Array<[data: unknown, event: string | undefined]>> = {
	fal: [
		[{ message: 'nothing that concerns this job' }, 'notice'],
		[{ status: 'COMPLETED', request_id: '00000000-0000-4000-8000-000000000000' }, undefined],
	],
	oxen: [
		[{ message: 'nothing that concerns this job' }, 'notice'],
		[
			{ generation_id: '00000000-0000-4000-8000-000000000000', status: 'succeeded', media_type: 'video' },
			'media_generation_completed',
		],
	],
};

/** Inserts the fault between a service and its event stream. */
export function bendEvents(strike: Strike, sink: EventSink, service: Service): EventSink {
	const { fault } = strike;
	const bent = (send: EventSink['send'], end = sink.end): EventSink => ({ ...sink, send, end });
	switch (fault.kind) {
		case 'silence':
			return bent(
				() => {},
				() => {},
			);
		case 'dieAfter': {
			let left = fault.events;
			return bent((data, event) => {
				left -= 1;
				if (left >= 0) sink.send(data, event);
				else if (left === -1) sink.breakOff(data, event);
			});
		}
		case 'duplicate':
			return bent((data, event) => {
				sink.send(data, event);
				sink.send(data, event);
			});
		case 'reorder': {
			let held: Parameters<EventSink['send']> | undefined;
			const release = () => {
				if (held) sink.send(...held);
				held = undefined;
			};
			return bent(
				(data, event) => {
					if (!held) {
						held = [data, event];
						return;
					}
					sink.send(data, event);
					release();
				},
				() => {
					release();
					sink.end();
				},
			);
		}
		case 'foreign':
			return bent((data, event) => {
				for (const [foreign, type] of FOREIGN_EVENTS[service]) sink.send(foreign, type);
				sink.send(data, event);
			});
		case 'backToQueue':
			// A stream reports each status once, so a fallback to the queue takes two more events.
			return bent((data, event) => {
				sink.send(rewriteAnswer(strike, data), event);
				const again = rewriteAnswer(strike, data);
				if (again === data) return;
				sink.send(again, event);
				sink.send(data, event);
			});
		default:
			return bent((data, event) => sink.send(rewriteAnswer(strike, data), event));
	}
}
