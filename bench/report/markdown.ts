import { CONTENDERS, type ContenderName } from '../contenders';
import type { Figures } from '../figures';
import { measuresOf, type Measure, type MeasureId } from '../measures';
import type { Size } from '../sizes';
import { machineFacts } from './machine';
import { numberOf, spreadOf } from './words';

/** The contents of a report. */
export interface Report {
	size: Size;
	figures: Figures;
	contenders: ContenderName[];
	/** The load average of the minute before the benchmark. It shows whether the machine was idle. */
	loadBefore: number;
}

/**
 * The whole report.
 * @param chart the path of the chart, relative to the folder of the report
 */
export function markdownOf(report: Report, chart: string): string {
	const { repetitions, longestJob, crowd } = report.size;
	const { shortestSeconds, longestSeconds } = longestJob;
	return `# Benchmarks

Written by \`npm run bench\`; do not edit by hand. Every figure is the median of ${repetitions} ${repetitions === 1 ? 'run' : 'runs'}, with the lowest
and the highest value in brackets. For all measures, lower is better.

![The time that the contenders take and the requests that they send](${chart})

${tableOf(report)}

Empty cells were not measured. ${aimsMet(report)}

## Machine

${table(['', ''], machineFacts(report.loadBefore))}

## Method

All contenders run against the same local sandbox (\`sandbox/\`), which speaks fal.ai's protocol on 127.0.0.1. The sandbox
and each contender have their own process, so that each has its own memory and event loop. In the sandbox, each
contender has its own servers, so that its requests are counted separately. Answers arrive within one or two
milliseconds, which favors contenders that poll often. Before the measurement, each process makes one video, so that the
time to load code does not count. Downloads are off unless they are measured.

| Contender | What it is |
| --- | --- |
| ${CONTENDERS.nodeStream} | This package's node in n8n's own engine (\`n8n-core\`), with its defaults: event streams, with polls as a backup |
| ${CONTENDERS.nodePoll} | The same with the option *Status Updates* on Poll |
| ${CONTENDERS.falPoll} | \`fal.subscribe\` of \`@fal-ai/client\` with its defaults: a poll every 0.5 s |
| ${CONTENDERS.falStream} | The same with \`mode: 'streaming'\` |
| ${CONTENDERS.httpLoop} | n8n's own nodes in the same engine: submit, then wait 5 s (the Wait node's default), poll and decide in a loop |

- **Jobs.** The longest job of a run takes ${shortestSeconds} to ${longestSeconds} s. Its length differs between repetitions, so that no fixed
  poll interval fits it by chance. The other jobs of a batch take at least three quarters of that. The job's own time,
  from acceptance to completion at the provider, is the lower limit: no contender can be faster. The sandbox runs
  any number of jobs at once.
- **Order.** With one job and with the small batch, all contenders run at the same time. With the large batch, they
  take turns, and each round starts with a different contender.
- **Requests** are those that the sandbox received, including submits, streams, prices and results.
- **The 10-minute job** runs in virtual time for the node: its real code, down to each HTTP request, with a clock
  that jumps. For the others it is calculated from the short job, since their poll interval is fixed.
- **Added memory** is the peak of the process's resident memory minus the memory before. Each run has a new process.
  The node and the HTTP Request node write the video into n8n's binary store on the disk, which is n8n's default. For
  the node, the image to upload is in that store; \`fal.storage.upload\` gets it as a Blob that was read from a file.
- **${crowd} jobs** are one execution with ${crowd} items. The event-loop delay is Node.js's own
  (\`perf_hooks.monitorEventLoopDelay\`) and includes its sampling interval of 10 ms.

## Run it

    npm run bench              # about 35 minutes; writes this file and the chart
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

/** A target is shown with as many decimal places as it is written with. */
function bare(aim: number, { unit }: Measure): Pick<Measure, 'digits' | 'unit'> {
	return { unit, digits: String(aim).split('.')[1]?.length ?? 0 };
}

/** Lists the targets that the node missed, by the median. */
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
