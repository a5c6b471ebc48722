import { createHash } from 'node:crypto';
import type { Inspection, JobStatus, SandboxJob } from '../jobs';
import type { Catalogue } from '../catalogue';
import type { Problem } from '../runner';
import type { OxenContext } from './context';

const STATUS_WORDS: Record<JobStatus, string> = {
	queued: 'queued',
	running: 'processing',
	succeeded: 'succeeded',
	failed: 'failed',
	cancelled: 'cancelled',
};

export function statusWord(job: SandboxJob): string {
	return STATUS_WORDS[job.status];
}

/** Oxen's times are whole seconds since 1970. */
export function seconds(at: number): number {
	return Math.floor(at / 1000);
}

/** A generation in the format of the queue (Oxen's OpenAPI: QueueGenerationResponse). */
export function queueRow(job: SandboxJob, context: OxenContext) {
	return {
		generation_id: job.id,
		model_name: job.model,
		prompt: typeof job.input.prompt === 'string' ? job.input.prompt : null,
		media_type: 'video',
		status: statusWord(job),
		result_url: job.status === 'succeeded' ? resultUrl(job, context) : null,
		error_message: job.status === 'failed' ? job.failure!.message : null,
		enqueued_at: seconds(job.acceptedAt),
		started_at: job.startedAt === undefined ? null : seconds(job.startedAt),
		completed_at: job.completedAt === undefined ? null : seconds(job.completedAt),
	};
}

/** A generation in the format of the history, with its cost in dollars as a decimal string. */
export function generationRow(job: SandboxJob, context: OxenContext) {
	return {
		...queueRow(job, context),
		namespace: job.namespace,
		cost: costOf(job, context.catalogue)?.toFixed(2) ?? null,
	};
}

/** In dollars. Undefined while the job runs. Only successful jobs are billed. */
export function costOf(job: SandboxJob, catalogue: Catalogue): number | undefined {
	if (job.completedAt === undefined) return undefined;
	return job.status === 'succeeded' ? catalogue.priceOf(job) : 0;
}

/** A presigned address that temporarily works without the key, or an address on the hub, which requires the key. */
export function resultUrl(job: SandboxJob, { settings, urls }: OxenContext): string {
	if (settings.oxenResults === 'hub') return `${urls.oxen}/api/results/${job.id}.mp4`;
	return presignedUrl(job.id, urls.oxenCdn);
}

export function presignedUrl(id: string, cdn: string): string {
	const signature = createHash('sha256').update(id).digest('hex');
	return `${cdn}/media/${id}.mp4?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=3600&X-Amz-Signature=${signature}`;
}

/** How Oxen reports a refusal by the model's own provider. */
export function modelError(problems: Problem[]): string {
	return `Getting model response error: 422 - ${problems.map(({ msg }) => msg).join('; ')}`;
}

/** Oxen's jobs run at fal, so the runner finds the same mistakes in an input. */
export function inspection(catalogue: Catalogue): Inspection {
	return async (job) => {
		const problems = await catalogue.inspect(job);
		return problems.length > 0 ? { status: 400, message: modelError(problems) } : undefined;
	};
}
