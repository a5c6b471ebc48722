import type { SandboxJob } from './jobs';
import type { Service } from './requests';

/** A field that was sent although the model does not have it. The provider accepts the job without mentioning it. */
export interface IgnoredField {
	service: Service;
	jobId: string;
	model: string;
	/** Nested fields as a path, such as `controls.depth.colour`. */
	field: string;
}

/** Records what the providers silently ignore, so that tests and users of the command line can see it. */
export class IgnoredFields {
	readonly entries: IgnoredField[] = [];

	constructor(private readonly log: (line: string) => void) {}

	note({ id, service, model, ignored }: SandboxJob): void {
		for (const field of ignored) {
			this.entries.push({ service, jobId: id, model, field });
			this.log(`${model} ignores '${field}' (job ${id})`);
		}
	}

	clear(): void {
		this.entries.length = 0;
	}
}
