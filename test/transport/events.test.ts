import { readEvents, type ServerEvent } from '../../nodes/LumaRay/transport/events';

async function read(...chunks: Array<string | Uint8Array>): Promise<ServerEvent[]> {
	const stream = (async function* () {
		for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
	})();
	const events: ServerEvent[] = [];
	for await (const event of readEvents(stream)) events.push(event);
	return events;
}

test('reads events regardless of how they are split into chunks', async () => {
	const text = ': keep-alive\n\nevent: done\ndata: {"a":\ndata: 1}\n\ndata: x\r\n\r\n';
	const expected = [
		{ event: 'done', data: '{"a":\n1}' },
		{ event: 'message', data: 'x' },
	];
	expect(await read(text)).toEqual(expected);
	expect(await read(...text)).toEqual(expected);
});

test('reads a character that is split between two chunks', async () => {
	const bytes = Buffer.from('data: 雪\n\n');
	expect(await read(bytes.subarray(0, 7), bytes.subarray(7))).toEqual([{ event: 'message', data: '雪' }]);
});

test('does not report an incomplete event at the end of the stream', async () => {
	expect(await read('data: whole\n\ndata: cut')).toEqual([{ event: 'message', data: 'whole' }]);
});

test('fails on an endless event before it fills the memory', async () => {
	const endless = Array.from({ length: 300 }, () => `data: ${'x'.repeat(1024)}\n`);
	await expect(read(...endless)).rejects.toThrow('too long');
	await expect(read('x'.repeat(300 * 1024))).rejects.toThrow('too long');
});
