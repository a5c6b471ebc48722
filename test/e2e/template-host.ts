import type { Sandbox } from '../../sandbox';
import {
	forProvider,
	PROVIDERS,
	readExample,
	type Execution,
	type N8nInstance,
	type Workflow,
} from '../../harness/n8n';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds for one run of a template, including the time it is parked. */
const RUN_TIMEOUT_MS = 400_000;

/** Changes a template before it is imported, like a user who completes it. */
export type Edit = (workflow: Workflow) => Workflow;

/** Imports and runs the templates of examples/ in a real n8n, with the sandbox's fal.ai. */
export class TemplateHost {
	/** @param files the folder that replaces the one for files of n8n's Docker image */
	constructor(
		private readonly n8n: N8nInstance,
		private readonly sandbox: Sandbox,
		private readonly files?: string,
	) {}

	/** Imports unchanged templates with one command, like a user who then selects the sandbox's credential. */
	async importAll(names: string[]): Promise<void> {
		await this.n8n.importWorkflow(...names.map((name) => this.prepare(name, (workflow) => workflow)));
	}

	/** Imports a template after it has been completed or changed. */
	async import(name: string, edit: Edit): Promise<Workflow> {
		const workflow = this.prepare(name, edit);
		await this.n8n.importWorkflow(workflow);
		return workflow;
	}

	/** Runs an imported template, starting at its named trigger, and waits for its end. */
	async run(name: string, trigger: string): Promise<Execution> {
		return await this.n8n.run(readExample(name).id, trigger, RUN_TIMEOUT_MS);
	}

	private prepare(name: string, edit: Edit): Workflow {
		const credential = PROVIDERS.fal.sandboxCredential(this.sandbox);
		return forProvider(edit(readExample(name, this.files)), PROVIDERS.fal, credential);
	}
}

/** Waits for a condition, until the test's timeout. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
	while (!(await isSo())) await sleep(300);
}
