import type { NodeHint } from 'n8n-workflow';

import { formatUsd } from '../ray/price';
import type { RayTable } from '../ray/table';
import { operationsWith, videoOperations } from './operations';

/** What the editor says beside an opened node before it has run: what the choice costs, and what waiting holds. */
export const hints: NodeHint[] = [
	...videoOperations.flatMap(({ value, tables }) =>
		Object.entries(tables).flatMap(([provider, table]) => priceHints(value, provider, table)),
	),
	beforeRun(
		'While the node waits, it holds a worker of n8n. In scheduled flows set <b>Wait Mode</b> to Suspend.',
		`$parameter["waitMode"] === "wait" && ${JSON.stringify(operationsWith('waitMode'))}.includes($parameter["operation"])`,
	),
];

/** n8n evaluates the condition of a hint but not its message, so every price has a hint of its own. */
function priceHints(operation: string, provider: string, table: RayTable): NodeHint[] {
	const { name, pricesFrom } = table;
	return table.resolutions.flatMap((resolution) =>
		table.durations.map((duration) => {
			const price = formatUsd(table.pricesUsd[resolution][duration]);
			return beforeRun(
				`Each clip costs <b>${price}</b> at ${name}: ${duration.replace('s', ' seconds')} at ${resolution}, by the price list of ${pricesFrom.date}.`,
				`$parameter["operation"] === "${operation}" && $parameter["provider"] === "${provider}" && $parameter["resolution"] === "${resolution}" && $parameter["duration"] === "${duration}" && !$parameter["options"]?.clipPriceUsd`,
			);
		}),
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
