import type { SandboxJob } from './jobs';
import { paddedVideo, type Media } from './media';
import type { Settings } from './options';
import { clipOf, modelsOf, priceUsd, type Clip, type Model } from './ray';
import type { Service } from './requests';
import { accountProblems, loadFiles, problemsOf, type Problem } from './runner';
import { sampleVideo } from './samples';

/** The models of both providers in the chosen edition, and what a job's input means for its result and its price. */
export class Catalogue {
	private readonly models: Record<Service, Model[]>;

	constructor(private readonly settings: Settings) {
		const { edition } = settings;
		this.models = { fal: modelsOf('fal', edition), oxen: modelsOf('oxen', edition) };
	}

	all(service: Service): readonly Model[] {
		return this.models[service];
	}

	find(service: Service, id: unknown): Model | undefined {
		return this.models[service].find((model) => model.id === id);
	}

	modelOf(job: Pick<SandboxJob, 'service' | 'model'>): Model {
		return this.find(job.service, job.model)!;
	}

	clipOf(job: Pick<SandboxJob, 'service' | 'model' | 'input' | 'source'>): Clip {
		return clipOf(this.modelOf(job), job.input, job.source, this.settings.unknownSourceSeconds);
	}

	priceOf(job: SandboxJob): number {
		return priceUsd(this.modelOf(job), this.clipOf(job));
	}

	videoOf(job: SandboxJob): Media {
		return paddedVideo(sampleVideo(this.clipOf(job)), this.settings.videoBytes);
	}

	/**
	 * The problems that the runner finds when a job starts: first with the input, then with the account, then with the
	 * files.
	 */
	async inspect(job: SandboxJob): Promise<Problem[]> {
		const model = this.modelOf(job);
		const problems = this.problemsOf(model, job.input);
		if (problems.length > 0) return problems;
		const report = await loadFiles(model, job.input);
		job.source = report.source;
		return report.problems;
	}

	problemsOf(model: Model, input: Record<string, unknown>): Problem[] {
		const problems = problemsOf(model, input);
		return problems.length > 0 ? problems : accountProblems(input, this.settings.hdrAccess);
	}
}
