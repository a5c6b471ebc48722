import { CONTENDERS, type ContenderName } from '../contenders';
import type { Spread } from '../figures';
import { measuresOf, type Measure, type MeasureId } from '../measures';
import type { Report } from './markdown';
import { numberOf } from './words';

/** All lengths in pixels. */
const LAYOUT = {
	width: 860,
	margin: 24,
	labels: 210,
	numbers: 80,
	bar: 16,
	row: 26,
	title: 34,
	gap: 22,
} as const;

const COLOURS = {
	node: '#6d4aff',
	other: '#b8bcc6',
	text: '#24292f',
	faint: '#6e7781',
	limit: '#d1495b',
	ground: '#ffffff',
} as const;

interface Bar {
	contender: ContenderName;
	spread: Spread;
}

/** Horizontal bars, with one panel per measure in the chart. Whiskers show the lowest and the highest run. */
export function chartOf({ size, figures, contenders }: Report): string {
	const panels: string[] = [];
	let top: number = LAYOUT.margin;
	for (const [id, measure] of Object.entries(measuresOf(size)) as Array<[MeasureId, Measure]>) {
		if (!measure.chart) continue;
		const bars = contenders.flatMap((contender): Bar[] => {
			const spread = figures.spread(id, contender);
			return spread ? [{ contender, spread }] : [];
		});
		panels.push(panel(measure, bars, top));
		top += LAYOUT.title + bars.length * LAYOUT.row + LAYOUT.gap;
	}
	const { width } = LAYOUT;
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top}" width="${width}" height="${top}" font-family="system-ui, sans-serif" font-size="13">
<title>Benchmarks of the Luma Ray node</title>
<rect width="${width}" height="${top}" fill="${COLOURS.ground}"/>
${panels.join('\n')}
</svg>
`;
}

function panel(measure: Measure, bars: Bar[], top: number): string {
	const { margin, labels, width, numbers, bar, row, title } = LAYOUT;
	const left = margin + labels;
	const room = width - left - numbers - margin;
	const most = Math.max(...bars.map(({ spread }) => spread.most), 1);
	const isLog = measure.chart === 'log';
	const place = (value: number) =>
		left + room * (isLog ? Math.log10(Math.max(1, value)) / Math.log10(most) : value / most);

	const rows = bars.map(({ contender, spread }, index) => {
		const y = top + title + index * row;
		const middle = y + bar / 2;
		const isNode = contender.startsWith('node');
		const [low, median, high] = [spread.least, spread.median, spread.most].map((value) =>
			round(place(value)),
		);
		return [
			text(
				left - 10,
				middle + 4,
				CONTENDERS[contender],
				`text-anchor="end"${isNode ? ' font-weight="600"' : ''}`,
			),
			`<rect x="${left}" y="${y}" width="${round(median - left)}" height="${bar}" rx="2" fill="${isNode ? COLOURS.node : COLOURS.other}"/>`,
			`<path d="M${low} ${middle}H${high}M${low} ${middle - 4}v8M${high} ${middle - 4}v8" stroke="${COLOURS.text}" fill="none"/>`,
			text(high + 8, middle + 4, numberOf(spread.median, measure)),
		].join('\n');
	});
	const bottom = top + title + bars.length * row - (row - bar);
	const limit =
		measure.least === undefined
			? []
			: [
					`<path d="M${round(place(measure.least))} ${top + title - 5}V${bottom + 5}" stroke="${COLOURS.limit}" stroke-dasharray="4 3"/>`,
					text(
						round(place(measure.least)),
						top + 14,
						'lower limit: the job itself',
						`text-anchor="end" font-size="11" style="fill:${COLOURS.limit}"`,
					),
				];
	const heading = text(
		margin,
		top + 14,
		`${measure.title}${isLog ? ' (log scale)' : ''}`,
		'font-weight="600"',
	);
	return [heading, ...rows, ...limit].join('\n');
}

function text(x: number, y: number, content: string, attributes = ''): string {
	const escaped = content.replace(/&/g, '&amp;').replace(/</g, '&lt;');
	return `<text x="${x}" y="${y}" fill="${COLOURS.text}" ${attributes}>${escaped}</text>`;
}

function round(value: number): number {
	return Math.round(value * 10) / 10;
}
