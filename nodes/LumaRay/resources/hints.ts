import type { NodeHint } from 'n8n-workflow';

import { newestEdition, type Catalogue } from '../models/catalogue';
import type { ModelName } from '../models/names';
import { formatUsd } from '../models/prices';
import { CATALOGUES } from '../providers/catalogues';
import { dashboardLink, sayDuration, SUSPENDED } from './messages/hints';
import { operationsWith } from './operations';
import { videoOperations } from './video/operations';

/** The condition under which the node waits in the process. */
const WAITS = `$parameter["waitMode"] === "wait" && ${JSON.stringify(operationsWith('waitMode'))}.includes($parameter["operation"])`;

/** What the editor shows next to an open node before it has run: the price, and how the node waits. */
export const hints: NodeHint[] = [
	...Object.values(CATALOGUES).flatMap((catalogue) =>
		videoOperations.flatMap(({ value }) => priceHints(catalogue, value)),
	),
	...Object.keys(CATALOGUES).map((id) =>
		beforeRun(sayDuration(id), `$parameter["provider"] === "${id}" && ${WAITS}`),
	),
	beforeRun(
		'While the node waits, it uses an n8n worker. In scheduled workflows, set <b>Wait Mode</b> to <b>Suspend</b>.',
		WAITS,
	),
];

const LINKS = Object.fromEntries(Object.keys(CATALOGUES).map((id) => [id, dashboardLink(id)]));

/** What n8n shows instead of the output while the execution is parked, as an expression. */
export const waitingNodeTooltip = `={{ ${JSON.stringify(SUSPENDED)} + (${JSON.stringify(LINKS)})[$parameter["provider"]] + "." }}`;

/** n8n evaluates the condition of a hint but not its message, so every price has its own hint. */
function priceHints({ id, name, models }: Catalogue, model: ModelName): NodeHint[] {
	const { prices, date } = newestEdition(models[model]);
	if (prices.per !== 'clip') return [];
	return Object.entries(prices.usd).flatMap(([resolution, byDuration]) =>
		Object.entries(byDuration).flatMap(([duration, usd]) =>
			usd === null
				? []
				: beforeRun(
						`Each video costs <b>${formatUsd(usd)}</b> at ${name}: ${duration.replace('s', ' seconds')} at ${resolution}, by the price list of ${date}.`,
						`$parameter["operation"] === "${model}" && $parameter["provider"] === "${id}" && $parameter["resolution"] === "${resolution}" && $parameter["duration"] === "${duration}" && !$parameter["options"]?.clipPriceUsd && !$parameter["options"]?.hdr`,
					),
		),
	);
}

function beforeRun(message: string, condition: string): NodeHint {
	return {
		message,
		type: 'info',
		location: 'outputPane',
		whenToDisplay: 'beforeExecution',
		displayCondition: `={{ ${condition} }}`,
	};
}
