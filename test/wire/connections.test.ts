import { createServer, Socket, type AddressInfo, type Server } from 'node:net';

import { startSandbox, type Sandbox } from '../../sandbox';
import { runNode, sandboxCredentials } from '../../harness/engine/engine';

let sandbox: Sandbox;
/** A server that accepts every connection and never answers. */
let mute: Server;
const taken: Socket[] = [];
beforeAll(async () => {
	sandbox = await startSandbox();
	mute = createServer((socket) => void taken.push(socket.on('error', () => undefined)));
	await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
	vi.restoreAllMocks();
	sandbox.reset();
});
afterAll(async () => {
	taken.forEach((socket) => socket.destroy());
	mute.close();
	await sandbox.close();
});

/** Breaks the connections to the silent server the way a network does, before or after they are established. */
function breakConnections(code: string, syscall: 'connect' | 'read'): void {
	const { port } = mute.address() as AddressInfo;
	const connect = Reflect.get(Socket.prototype, 'connect') as Socket['connect'];
	const broken = () => Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
	vi.spyOn(Socket.prototype, 'connect').mockImplementation(function (this: Socket, ...args: unknown[]) {
		const isToMute = JSON.stringify(args).includes(String(port));
		if (isToMute && syscall === 'connect') {
			process.nextTick(() => this.destroy(broken()));
			return this;
		}
		if (isToMute) this.once('connect', () => setTimeout(() => this.destroy(broken()), 50));
		return Reflect.apply(connect, this, args) as Socket;
	} as never);
}

async function submit() {
	const credentials = sandboxCredentials(sandbox);
	const { port } = mute.address() as AddressInfo;
	credentials.lumaRayFalApi.queueUrl = `http://127.0.0.1:${port}`;
	return await runNode({ credentials, parameters: { provider: 'fal' } });
}

describe.each(['EHOSTUNREACH', 'ENETUNREACH'])('a connection that fails with %s', (code) => {
	test('before it is established: the message says that nothing was submitted', async () => {
		breakConnections(code, 'connect');
		const { error } = await submit();
		expect(error?.message).toContain('could not be reached');
		expect(error?.description).toContain('Nothing was submitted');
		expect(taken).toHaveLength(0);
	});

	test('after the request was sent: the message says that the job may have been accepted', async () => {
		breakConnections(code, 'read');
		const { error } = await submit();
		expect(error?.message).toContain('may have accepted the generation');
		expect(taken.splice(0)).toHaveLength(1);
	});
});
