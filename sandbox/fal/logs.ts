import type { SandboxJob } from '../jobs';
import { clipOf } from '../ray';
import { isoTime, now } from '../time';

export interface LogLine {
	message: string;
	timestamp: string;
	level: 'INFO' | 'ERROR';
	source: 'USER';
}

/** What the runner has written so far. Derived from the job's age, so that no timer is spent on it. */
export function logsOf(job: SandboxJob): LogLine[] {
	const { startedAt, completedAt, failure } = job;
	if (startedAt === undefined) return [];
	const { aspectRatio, resolution, duration } = clipOf(job.input);
	const until = completedAt ?? now();
	const line = (at: number, message: string, level: LogLine['level'] = 'INFO') => ({ at, message, level });

	const lines = [
		line(startedAt, `Generating ${duration} at ${resolution}, ${aspectRatio}`),
		...[25, 50, 75].map((percent) => line(startedAt + job.runSeconds * percent * 10, `${percent}% done`)),
	].filter(({ at }) => at <= until);
	if (failure) lines.push(line(until, failure.message, 'ERROR'));
	else if (job.status === 'succeeded') lines.push(line(until, 'Video uploaded'));
	return lines.map(({ at, message, level }) => ({ message, timestamp: isoTime(at), level, source: 'USER' }));
}
