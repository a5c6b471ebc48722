/**
 * `npm run schema:check`: compares the catalogues with the providers' current descriptions and prices of the models.
 */
import { createFal, FAL_ENDPOINTS } from '../nodes/LumaRay/providers/fal/fal';
import { createOxen, OXEN_ENDPOINTS } from '../nodes/LumaRay/providers/oxen/oxen';
import type { Edition } from '../nodes/LumaRay/models/catalogue';
import { differencesFrom, nearestEdition, type Difference } from '../nodes/LumaRay/models/differences';
import type { ModelName } from '../nodes/LumaRay/models/names';
import { clipPrice, formatUsd, listedClips, listPrice, type LivePrice } from '../nodes/LumaRay/models/prices';
import type { Provider, Reading } from '../nodes/LumaRay/providers/provider';
import { wordProblem } from '../nodes/LumaRay/resources/messages';
import { explainDifference } from '../nodes/LumaRay/resources/messages/differences';
import { systemClock } from '../nodes/LumaRay/transport/clock';
import { createFetchHttp } from './lib/fetch-http';
import { readFlags } from './lib/flags';

const USAGE = `npm run schema:check [-- --fal-url URL] [-- --oxen-url URL]

Reads how fal.ai and Oxen.ai describe the four models of Luma Ray 3.2 now, and what they cost, and prints where that
differs from the catalogues in nodes/LumaRay/providers/. Costs nothing. fal.ai gives prices with a key only: without
FAL_KEY in the environment, its prices are not compared.

  --fal-url URL    fal's platform API (${FAL_ENDPOINTS.apiUrl})
  --oxen-url URL   Oxen's hub (${OXEN_ENDPOINTS.baseUrl})

Exits with 0 if nothing differs, 1 if something does, 2 if a provider did not answer.
`;

const flags = readFlags(USAGE, { 'fal-url': { type: 'string' }, 'oxen-url': { type: 'string' } });

function print(line: string): void {
	process.stdout.write(`${line}\n`);
}

function describeDifference(difference: Difference): string {
	const { parameter, change, options, meaning } = explainDifference(difference);
	return `  ${parameter}: ${change}${options ? ` (${options.join(', ')})` : ''}. ${meaning}`;
}

/** @returns the exit code for this provider */
async function check(provider: Provider, hasKey = true): Promise<number> {
	const codes: number[] = [];
	for (const model of Object.keys(provider.catalogue.models) as ModelName[]) {
		codes.push(await checkModel(provider, model, hasKey));
	}
	return Math.max(...codes);
}

async function checkModel(provider: Provider, model: ModelName, hasKey: boolean): Promise<number> {
	const { name, models } = provider.catalogue;
	const title = `${name}, ${model}`;
	const { signal } = new AbortController();
	const described = await provider.describe(model, signal);
	if (!described.ok) {
		print(`✗ ${title}: ${wordProblem(described.problem).message}`);
		return 2;
	}
	const { schema, price } = described.value;
	const edition = nearestEdition(schema, models[model]);
	const differences = differencesFrom(schema, edition);
	if (differences.length === 0) {
		print(`✓ ${title}: the catalogue says what the provider says (edition ${edition.id})`);
	} else {
		print(`✗ ${title}: ${differences.length} differences from the catalogue (edition ${edition.id})`);
		differences.forEach((difference) => print(describeDifference(difference)));
	}
	if (provider.livePrice && !hasKey) {
		print(`– ${title}: the price was not compared, since FAL_KEY is not set`);
		return differences.length === 0 ? 0 : 1;
	}
	const live: Reading<LivePrice | undefined> = (await provider.livePrice?.(model, signal)) ?? {
		ok: true,
		value: price,
	};
	return Math.max(differences.length === 0 ? 0 : 1, checkPrices(title, edition, live));
}

/** Compares each price of the edition with the live price. */
function checkPrices(title: string, edition: Edition, live: Reading<LivePrice | undefined>): number {
	if (!live.ok) {
		print(`✗ ${title}: ${wordProblem(live.problem).message}`);
		return 2;
	}
	if (!live.value) {
		print(`– ${title}: the provider gives no price in a unit that is known`);
		return 0;
	}
	const clips = listedClips(edition);
	if (clips.length === 0) {
		print(`– ${title}: the catalogue has no price; the provider gives ${JSON.stringify(live.value.usd)} USD`);
		return 0;
	}
	const changed = clips.flatMap((clip) => {
		const [listed, now] = [listPrice(edition, clip), clipPrice(edition, clip, { live: live.value })];
		if (listed.usd === null || now.usd === null || now.source !== 'live' || now.usd === listed.usd) return [];
		return [
			`  ${clip.resolution}, ${clip.duration}: ${formatUsd(listed.usd)} in the list, ${formatUsd(now.usd)} now`,
		];
	});
	if (changed.length === 0) {
		print(`✓ ${title}: the prices are those of the catalogue (${edition.date})`);
		return 0;
	}
	print(`✗ ${title}: ${changed.length} prices differ from the catalogue (${edition.date})`);
	changed.forEach(print);
	return 1;
}

void (async () => {
	const falKey = process.env.FAL_KEY || undefined;
	const falHttp = createFetchHttp(falKey && `Key ${falKey}`);
	const fal = { ...FAL_ENDPOINTS, apiUrl: flags['fal-url'] ?? FAL_ENDPOINTS.apiUrl };
	const oxen = { baseUrl: flags['oxen-url'] ?? OXEN_ENDPOINTS.baseUrl };
	const codes = [
		await check(createFal(falHttp, fal, systemClock, false), falKey !== undefined),
		await check(createOxen(createFetchHttp(), oxen, systemClock)),
	];
	process.exitCode = Math.max(...codes);
})();
