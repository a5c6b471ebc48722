import type { SandboxJob } from '../jobs';
import type { Clip } from '../ray';
import { isoTime, now } from '../time';

export interface LogLine {
	message: string;
	timestamp: string;
	level: 'INFO' | 'WARNING' | 'ERROR';
	source: 'USER';
}

/** The lines that the runner has logged so far. They follow from the job's age, so no timer is needed. */
export function logsOf(job: SandboxJob, clip: Clip): LogLine[] {
	const { startedAt, completedAt, failure, ignored } = job;
	if (startedAt === undefined) return [];
	const { aspectRatio, resolution, seconds } = clip;
	const until = completedAt ?? now();
	const line = (at: number, message: string, level: LogLine['level'] = 'INFO') => ({ at, message, level });

	const lines = [
		line(startedAt, `Generating ${seconds}s at ${resolution}, ${aspectRatio}`),
		...ignored.map((field) => line(startedAt, `Ignoring unknown field '${field}'`, 'WARNING')),
		...[25, 50, 75].map((percent) => line(startedAt + job.runSeconds * percent * 10, `${percent}% done`)),
	].filter(({ at }) => at <= until);
	if (failure) lines.push(line(until, failure.message, 'ERROR'));
	else if (job.status === 'succeeded') lines.push(line(until, 'Video uploaded'));
	return lines.map(({ at, message, level }) => ({ message, timestamp: isoTime(at), level, source: 'USER' }));
}
