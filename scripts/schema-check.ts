/**
 * `npm run schema:check`: compares the catalogues with how the providers describe the model now.
 */
import { createFal, FAL_ENDPOINTS } from '../nodes/LumaRay/providers/fal/fal';
import { createOxen, OXEN_ENDPOINTS } from '../nodes/LumaRay/providers/oxen/oxen';
import type { Catalogue } from '../nodes/LumaRay/models/catalogue';
import { differencesFrom, nearestEdition, type Difference } from '../nodes/LumaRay/models/differences';
import type { ModelName } from '../nodes/LumaRay/models/names';
import type { ModelDescription, Provider, Reading } from '../nodes/LumaRay/providers/provider';
import { wordProblem } from '../nodes/LumaRay/resources/messages';
import { explainDifference } from '../nodes/LumaRay/resources/messages/differences';
import { systemClock } from '../nodes/LumaRay/transport/clock';
import { createFetchHttp } from './lib/fetch-http';
import { readFlags } from './lib/flags';

const USAGE = `npm run schema:check [-- --fal-url URL] [-- --oxen-url URL]

Reads how fal.ai and Oxen.ai describe Luma Ray 3.2 now and prints where that differs from the catalogues in
nodes/LumaRay/providers/. Needs no key and costs nothing.

  --fal-url URL    fal's platform API (${FAL_ENDPOINTS.apiUrl})
  --oxen-url URL   Oxen's hub (${OXEN_ENDPOINTS.baseUrl})

Ends with 0 where nothing differs, 1 where something does, 2 where a provider did not answer.
`;

const flags = readFlags(USAGE, { 'fal-url': { type: 'string' }, 'oxen-url': { type: 'string' } });

function print(line: string): void {
	process.stdout.write(`${line}\n`);
}

function describeDifference(difference: Difference): string {
	const { parameter, change, options, meaning } = explainDifference(difference);
	return `  ${parameter}: ${change}${options ? ` (${options.join(', ')})` : ''}. ${meaning}`;
}

/** @returns the exit code that this provider's answer asks for */
async function check({ catalogue, describe }: Provider): Promise<number> {
	const codes: number[] = [];
	for (const model of Object.keys(catalogue.models) as ModelName[]) {
		codes.push(await checkModel(catalogue, model, await describe(model, new AbortController().signal)));
	}
	return Math.max(...codes);
}

function checkModel(
	{ name, models }: Catalogue,
	model: ModelName,
	described: Reading<ModelDescription>,
): number {
	if (!described.ok) {
		print(`✗ ${name}, ${model}: ${wordProblem(described.problem).message}`);
		return 2;
	}
	const { schema } = described.value;
	const edition = nearestEdition(schema, models[model]);
	const differences = differencesFrom(schema, edition);
	if (differences.length === 0) {
		print(`✓ ${name}, ${model}: the catalogue says what the provider says (edition ${edition.id})`);
		return 0;
	}
	print(`✗ ${name}, ${model}: ${differences.length} differences from the catalogue`);
	differences.forEach((difference) => print(describeDifference(difference)));
	return 1;
}

void (async () => {
	const http = createFetchHttp();
	const fal = { ...FAL_ENDPOINTS, apiUrl: flags['fal-url'] ?? FAL_ENDPOINTS.apiUrl };
	const oxen = { baseUrl: flags['oxen-url'] ?? OXEN_ENDPOINTS.baseUrl };
	const codes = [
		await check(createFal(http, fal, systemClock, false)),
		await check(createOxen(http, oxen, systemClock)),
	];
	process.exitCode = Math.max(...codes);
})();
