import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server of a test's own, on a port of its own. */
export interface LocalServer {
	url: string;
	/** Every request, in order. */
	requests: IncomingMessage[];
	/** Connections that are open now. */
	connections(): Promise<number>;
	close(): void;
}

/** Answers every request by `answer`. */
export async function serve(answer: RequestListener): Promise<LocalServer> {
	const requests: IncomingMessage[] = [];
	const server: Server = createServer((request, response) => {
		requests.push(request);
		// A client that leaves in the middle is no error here.
		response.on('error', () => undefined);
		answer(request, response);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		requests,
		connections: async () =>
			await new Promise((resolve) => server.getConnections((_error, count) => resolve(count))),
		close() {
			server.closeAllConnections();
			server.close();
		},
	};
}
