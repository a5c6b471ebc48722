/** One server-sent event. */
export interface ServerEvent {
	/** `message` if the stream does not name the event. */
	event: string;
	data: string;
}

/** The maximum number of characters of one event. A longer event ends the stream. */
const MAX_EVENT_CHARACTERS = 256 * 1024;

/**
 * Reads server-sent events from a byte stream (WHATWG HTML, "Server-sent events"). Comments are skipped. An event that
 * is incomplete when the stream ends is not returned.
 * @throws any error of the stream, and RangeError if an event is too long
 */
export async function* readEvents(stream: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent> {
	const decoder = new TextDecoder();
	let buffered = '';
	let event = '';
	let data: string[] = [];
	let size = 0;
	for await (const chunk of stream) {
		buffered += decoder.decode(chunk, { stream: true });
		const lines = buffered.split(/\r\n|\n|\r(?!$)/);
		buffered = lines.pop() ?? '';
		for (const line of lines) {
			if (line === '') {
				if (data.length > 0) yield { event: event || 'message', data: data.join('\n') };
				event = '';
				data = [];
				size = 0;
				continue;
			}
			size += line.length;
			const [, field, value] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
			if (field === 'event') event = value ?? '';
			else if (field === 'data') data.push(value ?? '');
		}
		if (size + buffered.length > MAX_EVENT_CHARACTERS) {
			throw new RangeError('an event of the stream is too long');
		}
	}
}
