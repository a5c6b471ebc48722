/** One server-sent event. */
export interface ServerEvent {
	/** `message` where the stream names none. */
	event: string;
	data: string;
}

/** Characters that one event may have; a longer one ends the stream. */
const MAX_EVENT_CHARACTERS = 256 * 1024;

/**
 * Reads server-sent events from a byte stream (WHATWG HTML, "Server-sent events"): comments are skipped, an
 * event that the stream cuts off is not reported.
 * @throws whatever the stream throws, and RangeError where an event grows past its bound
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
