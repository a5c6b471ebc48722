import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A local server on a free port, for a single test. */
export interface LocalServer {
	url: string;
	/** Every request, in order. */
	requests: IncomingMessage[];
	/** The number of open connections. */
	connections(): Promise<number>;
	close(): void;
}

/** Starts a server that answers every request with `answer`. */
export async function serve(answer: RequestListener): Promise<LocalServer> {
	const requests: IncomingMessage[] = [];
	const server: Server = createServer((request, response) => {
		requests.push(request);
		// It is not an error here if a client disconnects early.
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
