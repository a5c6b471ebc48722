import type { IPollFunctions } from 'n8n-workflow';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The longest time between two polls, in milliseconds. The end of daylight saving time makes a day an hour longer. */
const INTERVALS_MS: { [mode: string]: number } = {
	everyMinute: 60_000,
	everyHour: HOUR_MS,
	everyDay: DAY_MS + HOUR_MS,
	everyWeek: 7 * DAY_MS + HOUR_MS,
	everyMonth: 31 * DAY_MS + HOUR_MS,
};

interface PollTime {
	mode?: string;
	value?: number;
	unit?: string;
}

/**
 * The longest time between two polls that Poll Times, n8n's own field, sets (n8n-workflow: cron).
 * @returns milliseconds; undefined if only cron expressions are set
 */
export function pollIntervalMs(context: IPollFunctions): number | undefined {
	const { item = [] } = context.getNodeParameter('pollTimes', {}) as { item?: PollTime[] };
	const intervals = item.flatMap(({ mode = '', value, unit }) => {
		if (mode !== 'everyX') return INTERVALS_MS[mode] ?? [];
		return Number(value) * (unit === 'hours' ? HOUR_MS : 60_000) || [];
	});
	return intervals.length === 0 ? undefined : Math.min(...intervals);
}
