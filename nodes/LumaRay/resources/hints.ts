import type { NodeHint } from 'n8n-workflow';

import { formatUsd } from '../ray/price';
import type { ProviderId, RayTable } from '../ray/table';
import { TABLES } from '../ray/tables';

/** What the editor says beside an opened node before it has run: what the choice costs, and what waiting holds. */
export const hints: NodeHint[] = [
	...Object.entries(TABLES).flatMap(([id, table]) => priceHints(id as ProviderId, table)),
	beforeRun(
		'While the node waits, it holds a worker of n8n. In scheduled flows set <b>Wait Mode</b> to Suspend.',
		'$parameter["waitMode"] === "wait" && ["animate", "wait"].includes($parameter["operation"])',
	),
];

/** n8n evaluates the condition of a hint but not its message, so every price has a hint of its own. */
function priceHints(id: ProviderId, { name, pricesFrom, ...table }: RayTable): NodeHint[] {
	return table.resolutions.flatMap((resolution) =>
		table.durations.map((duration) => {
			const price = formatUsd(table.pricesUsd[resolution][duration]);
			return beforeRun(
				`Each clip costs <b>${price}</b> at ${name}: ${duration.replace('s', ' seconds')} at ${resolution}, by the price list of ${pricesFrom.date}.`,
				`$parameter["operation"] === "animate" && $parameter["provider"] === "${id}" && $parameter["resolution"] === "${resolution}" && $parameter["duration"] === "${duration}" && !$parameter["options"]?.clipPriceUsd`,
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
