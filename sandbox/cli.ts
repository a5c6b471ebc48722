import { parseArgs } from 'node:util';
import { parseFault, startSandbox, type Host, type Sandbox } from '.';
import { credentialsTable } from './credentials';
import { NOTATION_HELP } from './faults/notation';
import { HOSTS } from './options';
import { EDITIONS, EXAMPLE_PROMPT, FAL_ENDPOINT_ID, modelsOf, type Edition } from './ray';

const DEFAULT_PORT = 4310;

const HELP = `Starts a local fal.ai and Oxen.ai: same protocols, no key, no cost.

  npm run sandbox -- [options]

  --port N             first of the ports, one after the other for ${HOSTS.join(', ')} (${DEFAULT_PORT});
                       0 takes free ones
  --edition EDITION    how the models are described, checked and priced: ${EDITIONS.join(' or ')} (launch)
  --job-seconds N      how long a job runs (3)
  --queue-seconds N    how long it is queued before (0.5)
  --concurrency N      jobs that run at once; the others stay queued (no limit)
  --video-bytes N      pads every video to this many bytes
  --fal-key KEY        the fal key to accept
  --oxen-key KEY       the Oxen key to accept
  --fault FAULT        makes something fail; can be given several times
  --help               this text

${NOTATION_HELP}`;

function readArguments() {
	const { values } = parseArgs({
		options: {
			port: { type: 'string' },
			edition: { type: 'string', default: EDITIONS[0] },
			'job-seconds': { type: 'string' },
			'queue-seconds': { type: 'string' },
			concurrency: { type: 'string' },
			'video-bytes': { type: 'string' },
			'fal-key': { type: 'string' },
			'oxen-key': { type: 'string' },
			fault: { type: 'string', multiple: true },
			help: { type: 'boolean' },
		},
	});
	const number = (name: 'port' | 'job-seconds' | 'queue-seconds' | 'concurrency' | 'video-bytes') => {
		const given = values[name];
		if (given === undefined) return undefined;
		if (!(Number(given) >= 0)) throw new Error(`--${name} takes a number, not '${given}'`);
		return Number(given);
	};
	if (!EDITIONS.includes(values.edition as Edition)) {
		throw new Error(`--edition takes ${EDITIONS.join(' or ')}, not '${values.edition}'`);
	}
	const firstPort = number('port') ?? DEFAULT_PORT;
	return {
		help: values.help,
		firstPort,
		faults: (values.fault ?? []).map(parseFault),
		options: {
			edition: values.edition as Edition,
			log: (line: string) => void process.stdout.write(`${line}\n`),
			jobSeconds: number('job-seconds'),
			queueSeconds: number('queue-seconds'),
			concurrency: number('concurrency'),
			videoBytes: number('video-bytes'),
			falKey: values['fal-key'],
			oxenKey: values['oxen-key'],
			ports: Object.fromEntries(HOSTS.map((host, index) => [host, firstPort && firstPort + index])) as Record<
				Host,
				number
			>,
		},
	};
}

function introduction(sandbox: Sandbox, edition: Edition): string {
	const { fal, oxen } = sandbox;
	const input = { prompt: EXAMPLE_PROMPT, image_url: 'https://example.com/tiger.png' };
	const [falModel, oxenModel] = [modelsOf('fal', edition), modelsOf('oxen', edition)];
	const models = falModel.map(({ id }, index) => `  ${id.padEnd(42)}${oxenModel[index].id}`).join('\n');
	const { image_url: input_image, prompt } = input;
	const oxenInput = JSON.stringify({ model: oxenModel[0].id, prompt, input_image });
	return `The sandbox is running. Nothing here costs anything. Stop it with Ctrl+C.

${credentialsTable(sandbox)}

Models (edition ${edition}):
${models}

To try it from a shell:

  curl --request POST ${fal.queueUrl}/${FAL_ENDPOINT_ID} \\
    --header "Authorization: Key ${fal.key}" \\
    --header "Content-Type: application/json" \\
    --data '${JSON.stringify(input)}'

  curl --request POST ${oxen.baseUrl}/api/ai/queue \\
    --header "Authorization: Bearer ${oxen.key}" \\
    --header "Content-Type: application/json" \\
    --data '${oxenInput}'

Fields that a model does not have are ignored, as the providers do; they are listed here.
`;
}

async function main(): Promise<void> {
	const { help, firstPort, faults, options } = readArguments();
	if (help) {
		process.stdout.write(HELP);
		return;
	}
	const sandbox = await startSandbox(options).catch((error: NodeJS.ErrnoException & { port?: number }) => {
		if (error.code !== 'EADDRINUSE') throw error;
		throw new Error(
			`Port ${error.port} is taken, maybe by another sandbox. ` +
				`Choose other ports with --port N: it uses ${HOSTS.length} from N on (now from ${firstPort}).`,
		);
	});
	faults.forEach((rule) => sandbox.faults.add(rule));
	const stop = () => void sandbox.close();
	// Installed before anything is printed, because a caller that waits for the output may then stop the sandbox.
	process.once('SIGINT', stop);
	process.once('SIGTERM', stop);
	process.stdout.write(introduction(sandbox, options.edition));
}

main().catch((error: Error) => {
	process.stderr.write(`${error.message}\n`);
	process.exitCode = 1;
});
