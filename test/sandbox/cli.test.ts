import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

/** Runs `npm run sandbox` (without npm) until it ends, or until it has printed the expected text. */
function run(flags: string[], onOutput?: (output: string, stop: (signal: NodeJS.Signals) => void) => void) {
	return new Promise<{ code: number | null; output: string; errors: string }>((resolve) => {
		const child = spawn(process.execPath, ['--import', 'tsx', 'sandbox/cli.ts', ...flags], { cwd: ROOT });
		let [output, errors] = ['', ''];
		child.stdout.on('data', (chunk) => {
			output += chunk;
			onOutput?.(output, (signal) => child.kill(signal));
		});
		child.stderr.on('data', (chunk) => (errors += chunk));
		child.on('close', (code) => resolve({ code, output, errors }));
	});
}

/** Runs it on consecutive ports, and tries others if one of them is taken. */
async function runOnPorts(flags: string[], onOutput: Parameters<typeof run>[1]) {
	for (;;) {
		// Below the range from which the operating system assigns ports.
		const port = 10_000 + Math.floor(Math.random() * 20_000);
		const ended = await run(['--port', String(port), ...flags], onOutput);
		if (!/Port \d+ is taken/.test(ended.errors)) return { ...ended, port };
	}
}

test('the sandbox command starts, prints the credentials to use, and stops cleanly on request', async () => {
	let stopped = false;
	const { code, output, errors, port } = await runOnPorts(['--fal-key', 'a:b'], (text, stop) => {
		if (stopped || !text.includes('curl')) return;
		stopped = true;
		stop('SIGTERM');
	});
	expect(errors).toBe('');
	expect(code).toBe(0);
	expect(output).toContain('Luma Ray Fal API');
	expect(output).toContain(`Queue URL         http://127.0.0.1:${port}`);
	expect(output).toContain('Authorization: Key a:b');
	expect(output).toContain('Luma Ray Oxen API');
	expect(output).toContain(`Base URL          http://127.0.0.1:${port + 5}`);
});

test('the sandbox command lists the models of the selected edition and prints ignored fields', async () => {
	let submitted = false;
	const { code, output } = await run(
		['--port', '0', '--edition', '2026-10', '--job-seconds', '0'],
		(text, stop) => {
			if (text.includes("ignores 'reference_image_urls'")) stop('SIGINT');
			if (submitted || !text.includes('curl')) return;
			submitted = true;
			const [, queueUrl] = /Queue URL +(\S+)/.exec(text)!;
			void fetch(`${queueUrl}/luma/agent/ray/v3.2/image-to-video`, {
				method: 'POST',
				headers: { authorization: 'Key sandbox-id:sandbox-secret', 'content-type': 'application/json' },
				body: JSON.stringify({ prompt: 'A tiger', reference_image_urls: [] }),
			});
		},
	);
	expect(code).toBe(0);
	expect(output).toContain('edition 2026-10');
	for (const operation of ['image-to-video', 'text-to-video', 'video-to-video', 'reframe']) {
		expect(output).toContain(`luma/agent/ray/v3.2/${operation}`);
		expect(output).toContain(`luma-ray-v3-2-${operation}`);
	}
	expect(output).toMatch(/curl --request POST http:\/\/127\.0\.0\.1:\d+\/api\/ai\/queue/);
});

test('the sandbox command starts with the faults in its flags', async () => {
	let answer: Promise<number> | undefined;
	const flags = ['--port', '0', '--fault', 'submit.status=418@1', '--fault', 'fal:run.garbage'];
	const { code } = await run(flags, (text, stop) => {
		if (answer || !text.includes('curl')) return;
		const [, queueUrl] = /Queue URL +(\S+)/.exec(text)!;
		const submit = fetch(`${queueUrl}/luma/agent/ray/v3.2/image-to-video`, { method: 'POST' });
		answer = submit.then(({ status }) => status);
		void answer.finally(() => stop('SIGINT'));
	});
	expect(await answer).toBe(418);
	expect(code).toBe(0);
});

test('the sandbox command reports a taken port and how to choose other ports', async () => {
	const other = createServer().listen(0, '127.0.0.1');
	await once(other, 'listening');
	const { port } = other.address() as AddressInfo;
	const { code, errors } = await run(['--port', String(port)]);
	other.close();
	expect(code).toBe(1);
	expect(errors).toContain(`Port ${port} is taken`);
	expect(errors).toContain('--port');
});

test('the sandbox command explains its flags and refuses unknown ones', async () => {
	const [help, unknown, wrong, fault, edition] = await Promise.all([
		run(['--help']),
		run(['--nonsense']),
		run(['--job-seconds', 'soon']),
		run(['--fault', 'submit.nonsense']),
		run(['--edition', 'nonsense']),
	]);
	expect(help.output).toContain('--job-seconds N');
	expect(help.code).toBe(0);
	expect(unknown.code).toBe(1);
	expect(wrong.errors).toBe("--job-seconds takes a number, not 'soon'\n");
	expect(help.output).toContain('--edition EDITION');
	expect(edition.errors).toBe("--edition takes launch or 2026-10, not 'nonsense'\n");
	expect(help.output).toContain('submit.status=502@1');
	expect(fault.errors).toContain('there is no fault nonsense');
});
