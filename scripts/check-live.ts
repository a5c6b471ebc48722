/**
 * `npm run check:live`: compares the facts that the node relies on with what the providers answer now.
 */
import { createInterface } from 'node:readline/promises';
import { formatUsd } from '../nodes/LumaRay/models/prices';
import { createFal, FAL_ENDPOINTS } from '../nodes/LumaRay/providers/fal/fal';
import { createOxen, OXEN_ENDPOINTS } from '../nodes/LumaRay/providers/oxen/oxen';
import type { Provider } from '../nodes/LumaRay/providers/provider';
import { systemClock } from '../nodes/LumaRay/transport/clock';
import { PROVIDERS } from '../harness/n8n';
import { startSandbox, type Sandbox } from '../sandbox';
import { checkFacts, type Fact, type Finding } from './check-live/facts';
import { falFacts } from './check-live/fal';
import { oxenFacts } from './check-live/oxen';
import { PAID_GENERATION, paidFacts, paidPrice } from './check-live/paid';
import { createFetchHttp } from './lib/fetch-http';
import { readFlags, refuse } from './lib/flags';

const USAGE = `npm run check:live [-- --provider <name>] [-- --spend USD]

Sends every free request that the node makes and prints, fact by fact, whether the answer is what the code
expects, and which file to change if it is not. Costs nothing without --spend.

  --provider <name>    fal or oxen only (default: both)
  --repository <name>  a repository of yours at Oxen.ai, as namespace/name, for the upload of one pixel
  --spend USD          also makes one paid generation if its live price is at most this much; asks first
  --help               this text

Environment
  FAL_KEY, OXEN_API_KEY  a real key checks the real provider; without it, the local sandbox answers

Ends with 0 if every fact holds, 1 if one differs, 2 if one could not be checked.
`;

const flags = readFlags(USAGE, {
	provider: { type: 'string' },
	repository: { type: 'string' },
	spend: { type: 'string' },
});
const spendUsd = flags.spend === undefined ? undefined : Number(flags.spend);
if (spendUsd !== undefined && !(spendUsd > 0)) refuse(`--spend '${flags.spend}' is not an amount in USD`);
const repository = flags.repository;
if (repository !== undefined && !/^[\w.-]+\/[\w.-]+$/.test(repository)) {
	refuse(`--repository '${repository}' is not of the form namespace/name`);
}
if (flags.provider !== undefined && !PROVIDERS[flags.provider]) {
	refuse(`--provider '${flags.provider}' is not one of: ${Object.keys(PROVIDERS).join(', ')}`);
}

/** A provider to check, and the facts about it. */
interface Subject {
	name: string;
	provider: Provider;
	facts: Fact[];
}

function falSubject(sandbox: Sandbox): Subject {
	const real = process.env.FAL_KEY || undefined;
	const key = real ?? sandbox.fal.key;
	const endpoints = real ? FAL_ENDPOINTS : sandbox.fal;
	const provider = createFal(createFetchHttp(`Key ${key}`), endpoints, systemClock, false);
	return {
		name: real ? 'fal.ai' : 'the sandbox as fal.ai',
		provider,
		facts: falFacts(key, endpoints, provider.describe),
	};
}

function oxenSubject(sandbox: Sandbox): Subject {
	const real = process.env.OXEN_API_KEY || undefined;
	const key = real ?? sandbox.oxen.key;
	const endpoints = real ? OXEN_ENDPOINTS : sandbox.oxen;
	const provider = createOxen(createFetchHttp(`Bearer ${key}`), endpoints, systemClock);
	const at = repository ?? (real ? undefined : 'sandbox/check-live');
	return {
		name: real ? 'Oxen.ai' : 'the sandbox as Oxen.ai',
		provider,
		facts: oxenFacts(key, endpoints, provider.describe, at),
	};
}

function print(line: string): void {
	process.stdout.write(`${line}\n`);
}

function printFinding(finding: Finding): void {
	if (finding.verdict === 'holds') return print(`✓ ${finding.says}`);
	if (finding.verdict === 'unchecked')
		return print(`? ${finding.says}: could not be checked, ${finding.why}`);
	print(`✗ ${finding.says}`);
	print(`    expected  ${finding.expected}`);
	print(`    got       ${finding.got}`);
	print(`    change    ${finding.where}`);
}

/**
 * Shows the price of the paid generation and asks whether to make it.
 * @returns the facts to check; empty if the user declines
 */
async function agreedPaidFacts({ name, provider }: Subject, mostUsd: number): Promise<Fact[]> {
	const usd = await paidPrice(provider);
	if (usd === null || usd > mostUsd) {
		const price = usd === null ? 'has no live price' : `costs ${formatUsd(usd)}`;
		print(
			`Nothing is paid at ${name}: ${PAID_GENERATION} ${price}, and --spend allows ${formatUsd(mostUsd)}.`,
		);
		return [];
	}
	const terminal = createInterface({ input: process.stdin, output: process.stdout });
	const question = `Make ${PAID_GENERATION} at ${name} for ${formatUsd(usd)}? Type yes: `;
	const answer = await Promise.race([
		terminal.question(question),
		new Promise<string>((resolve) => terminal.once('close', () => resolve(''))),
	]);
	terminal.close();
	if (answer.trim().toLowerCase() === 'yes') return paidFacts(provider, usd, print);
	print('Nothing is paid.');
	return [];
}

void (async () => {
	const sandbox = await startSandbox();
	try {
		const subjects = { fal: falSubject, oxen: oxenSubject };
		const findings: Finding[] = [];
		for (const [id, subject] of Object.entries(subjects)) {
			if (flags.provider !== undefined && flags.provider !== id) continue;
			const checked = subject(sandbox);
			print(`\n${checked.name}`);
			findings.push(...(await checkFacts(checked.facts, printFinding)));
			if (spendUsd === undefined) continue;
			findings.push(...(await checkFacts(await agreedPaidFacts(checked, spendUsd), printFinding)));
		}
		const count = (verdict: Finding['verdict']) => findings.filter((one) => one.verdict === verdict).length;
		const [differs, unchecked] = [count('differs'), count('unchecked')];
		print(`\n${count('holds')} hold, ${differs} differ, ${unchecked} could not be checked`);
		process.exitCode = differs > 0 ? 1 : unchecked > 0 ? 2 : 0;
	} finally {
		await sandbox.close();
	}
})();
