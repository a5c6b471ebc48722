import { CONTENDERS, type ContenderName } from '../contenders';
import type { Figures } from '../figures';
import { measuresOf, type Measure, type MeasureId } from '../measures';
import type { Size } from '../sizes';
import { machineFacts } from './machine';
import { numberOf, spreadOf } from './words';

/** What a report is made of. */
export interface Report {
	size: Size;
	figures: Figures;
	contenders: ContenderName[];
	/** Programs that wanted to run in the minute before: whether the machine was quiet. */
	loadBefore: number;
}

/**
 * The whole report.
 * @param chart the chart's address, from the report's own folder
 */
export function markdownOf(report: Report, chart: string): string {
	const { repetitions, longestJob, crowd } = report.size;
	const { shortestSeconds, longestSeconds } = longestJob;
	return `# Benchmarks

This page compares the speed and the requests of the node with fal's own client and n8n's own nodes. It is written
by \`npm run bench\`; do not edit it by hand. Every figure is the median of ${repetitions} ${repetitions === 1 ? 'run' : 'runs'}, with the lowest
and the highest in brackets. Lower is better everywhere.

![How long the contenders take and how much they ask](${chart})

${tableOf(report)}

An empty cell was not measured. ${aimsMet(report)}

## Where

${table(['', ''], machineFacts(report.loadBefore))}

## What is measured, and how

All contenders run against the same local sandbox (\`sandbox/\`), which speaks fal.ai's protocol on 127.0.0.1. It is a
process of its own, and so is every contender, so that they do not share memory or an event loop. In the sandbox, each contender
has its own servers, so that its requests can be counted. Answers come within a millisecond or two, which favors the
contender that polls most. Each process makes one video before it is measured, so that loading code does not count.
Downloads are off unless they are measured.

| Contender | What it is |
| --- | --- |
| ${CONTENDERS.nodeStream} | This package's node in n8n's own engine (\`n8n-core\`), with its defaults: event streams, with polls as a backup |
| ${CONTENDERS.nodePoll} | The same with the option *Status Updates* set to Poll |
| ${CONTENDERS.falPoll} | \`fal.subscribe\` of \`@fal-ai/client\` with its defaults: a poll every 0.5 s |
| ${CONTENDERS.falStream} | The same with \`mode: 'streaming'\` |
| ${CONTENDERS.httpLoop} | n8n's own nodes in the same engine: submit, wait 5 s (the Wait node's default), poll, decide, and repeat |

- **Jobs.** The longest job of a run takes ${shortestSeconds} to ${longestSeconds} s, a different length in each repetition, so that no
  fixed interval matches it by chance. The other jobs of a batch take at least three quarters of that. The job's own time,
  from acceptance to completion at the provider, is the lower limit. The sandbox runs any number of jobs at once.
- **Order.** With one job and with the small batch, all contenders run at the same time. With the large batch, they take
  turns, and each round starts with another contender.
- **Requests** are those that the sandbox received, including submits, streams, prices and results.
- **The 10-minute job** runs in virtual time for the node: its own code, down to each HTTP request, with a clock that jumps.
  For the others it is calculated from the short job, because their polls have a fixed interval.
- **Added memory** is the peak of the process's resident memory minus its memory before. Each run is a new process.
  The node and the HTTP Request node write the video into n8n's binary data storage on the disk, n8n's default. For the
  node, the image to upload is in that storage; \`fal.storage.upload\` gets it as a Blob that was read from a file.
- **${crowd} jobs** are one execution with ${crowd} items. The event-loop delay is Node.js's own
  (\`perf_hooks.monitorEventLoopDelay\`) and includes the 10 ms between its samples.

## Run it

    npm run bench              # about 25 minutes; writes this file and the chart
    npm run bench -- --quick   # under 2 minutes; only shows that everything runs

The loop of n8n's own nodes needs a real n8n. The first run downloads it (2.4 GB) into \`~/.cache/n8n-nodes-luma-ray\`,
as the end-to-end tests do. \`--no-n8n\` leaves that contender out.
`;
}

function tableOf({ size, figures, contenders }: Report): string {
	const rows = Object.entries(measuresOf(size)).map(([id, measure]: [string, Measure]) => [
		measure.title,
		...contenders.map((contender) => {
			const spread = figures.spread(id as MeasureId, contender);
			return spread ? spreadOf(spread, measure) : '';
		}),
		measure.least === undefined ? '' : numberOf(measure.least, { ...measure, digits: 0 }),
		aimsOf(measure),
	]);
	return table(['', ...contenders.map((name) => CONTENDERS[name]), 'Lower limit', 'Aim'], rows);
}

function aimsOf(measure: Measure): string {
	const { nodeStream, nodePoll } = measure.aims ?? {};
	if (nodeStream === undefined) return '';
	const stream = `≤ ${numberOf(nodeStream, bare(nodeStream, measure))}`;
	if (nodePoll === undefined || nodePoll === nodeStream) return stream;
	return `${stream}, polling ≤ ${numberOf(nodePoll, bare(nodePoll, measure))}`;
}

/** An aim is written with the digits that it has. */
function bare(aim: number, { unit }: Measure): Pick<Measure, 'digits' | 'unit'> {
	return { unit, digits: String(aim).split('.')[1]?.length ?? 0 };
}

/** Says which aims of the node were missed, going by the median. */
function aimsMet({ size, figures }: Report): string {
	const missed = Object.entries(measuresOf(size)).flatMap(([id, measure]: [string, Measure]) =>
		Object.entries(measure.aims ?? {}).flatMap(([contender, aim]) => {
			const spread = figures.spread(id as MeasureId, contender as ContenderName);
			return spread && spread.median > aim
				? [`“${measure.title}” (${CONTENDERS[contender as ContenderName]})`]
				: [];
		}),
	);
	return missed.length === 0 ? 'Every aim is met.' : `**Missed:** ${missed.join('; ')}.`;
}

function table(head: string[], rows: string[][]): string {
	const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
	return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
