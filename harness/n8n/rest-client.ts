import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toExecution, type BinaryFile, type Execution, type RawExecutionData } from './executions';
import type { Host } from './install';
import type { Credential } from './workflows';

/** The owner's login for every n8n that is set up here. These instances listen only on this machine. */
export const OWNER = {
	email: 'owner@example.com',
	firstName: 'Luma',
	lastName: 'Ray',
	password: 'LumaRay-demo-1',
};

const POLL_MS = 250;
const ENDED = ['success', 'error', 'crashed', 'canceled'];

/** The result of a credential test. The message says why it failed. */
export interface CredentialTestResult {
	status: 'OK' | 'Error';
	message: string;
}

/** Uses the REST API of n8n's own editor, signed in as the owner. */
export class RestClient {
	private cookie = '';

	constructor(
		private readonly baseUrl: string,
		private readonly host: Host,
	) {}

	/**
	 * Creates the owner's account, unless it already exists (400).
	 * @returns false while n8n is starting: it does not listen yet, answers every request in plain text that it is
	 * starting up, or does not know the address yet (404)
	 */
	async setUpOwner(): Promise<boolean> {
		try {
			const { status, headers } = await this.send('POST', '/rest/owner/setup', OWNER);
			const isJson = headers.get('content-type')?.includes('application/json');
			return Boolean(isJson) && (status === 200 || status === 400);
		} catch {
			return false;
		}
	}

	/** Signs in as the owner. All other calls need this. */
	async signIn(): Promise<void> {
		const body = { emailOrLdapLoginId: OWNER.email, password: OWNER.password };
		const response = await this.send('POST', '/rest/login', body);
		if (!response.ok) throw new Error(`n8n refused the owner's login: ${await response.text()}`);
		this.cookie = response.headers
			.getSetCookie()
			.map((line) => line.split(';')[0])
			.join('; ');
	}

	async hasWorkflow(id: string): Promise<boolean> {
		return (await this.send('GET', `/rest/workflows/${id}`)).ok;
	}

	/** The saved credentials, without their secret fields. */
	async credentials(): Promise<Array<{ id: string; name: string; type: string }>> {
		return await this.call('GET', '/rest/credentials');
	}

	/** Runs a saved workflow like the button in the editor. Returns the execution's ID immediately. */
	async runWorkflow(workflowId: string, triggerName: string): Promise<string> {
		// n8n 1.x needs the whole workflow in the request, n8n 2.x reads its own copy.
		const workflowData = await this.call('GET', `/rest/workflows/${workflowId}`);
		const body = { workflowData, triggerToStartFrom: { name: triggerName } };
		const answer = await this.call<{ executionId: string }>(
			'POST',
			`/rest/workflows/${workflowId}/run`,
			body,
		);
		return answer.executionId;
	}

	/**
	 * Activates a workflow, so that its triggers and webhooks work. n8n 2.x answers before they are registered: see
	 * `N8nInstance.callWebhook`.
	 */
	async activateWorkflow(workflowId: string): Promise<void> {
		const path = `/rest/workflows/${workflowId}`;
		const { versionId } = await this.call<{ versionId: string }>('GET', path);
		if (this.host.version.startsWith('1.')) await this.call('PATCH', path, { active: true, versionId });
		else await this.call('POST', `${path}/activate`, { versionId, name: '', description: '' });
	}

	async execution(id: string): Promise<Execution> {
		const { status, data, stoppedAt } = await this.call<{ status: string; data: string; stoppedAt?: string }>(
			'GET',
			`/rest/executions/${id}`,
		);
		return { ...toExecution(status, this.unflatten(data), id), stoppedAt };
	}

	/** The status of an execution, even before its data has been saved. */
	async status(id: string): Promise<string> {
		return (await this.call<{ status: string }>('GET', `/rest/executions/${id}`)).status;
	}

	/** The latest executions, newest first, without their data. */
	async executions(): Promise<Array<{ id: string; status: string; workflowId: string }>> {
		const { results } = await this.call<{
			results: Array<{ id: string; status: string; workflowId: string }>;
		}>('GET', '/rest/executions?limit=100');
		return results;
	}

	/**
	 * Runs a failed execution again, like "Retry" in the editor.
	 * @returns the ID of the new execution
	 */
	async retry(id: string): Promise<string> {
		return (await this.call<{ id: string }>('POST', `/rest/executions/${id}/retry`, { loadWorkflow: false }))
			.id;
	}

	/** Stops an execution, running or parked. */
	async stop(id: string): Promise<void> {
		await this.call('POST', `/rest/executions/${id}/stop`);
	}

	/**
	 * Waits until an execution has one of these statuses, by default until it has ended.
	 * @param timeoutMs throws after this many milliseconds
	 */
	async waitForExecution(id: string, timeoutMs: number, states: string[] = ENDED): Promise<Execution> {
		const deadline = Date.now() + timeoutMs;
		for (;;) {
			const status = await this.status(id);
			if (states.includes(status)) return await this.execution(id);
			if (Date.now() > deadline) throw new Error(`Execution ${id} is still '${status}'`);
			await sleep(POLL_MS);
		}
	}

	/**
	 * Runs a credential's own test, as the editor does when a credential is saved. A credential with this ID must have
	 * been imported, but the test uses the given data.
	 */
	async testCredential(credential: Credential): Promise<CredentialTestResult> {
		return await this.call('POST', '/rest/credentials/test', { credentials: credential });
	}

	/** The descriptions of all node types that n8n knows. */
	async nodeTypes(): Promise<Array<Record<string, unknown> & { name: string }>> {
		return (await (await this.fetch('/types/nodes.json')).json()) as never;
	}

	/** A file from n8n's binary store. */
	async download(file: BinaryFile): Promise<Buffer> {
		if (!file.id) return Buffer.from(file.data, 'base64');
		const query = new URLSearchParams({ id: file.id, action: 'download' });
		return Buffer.from(await (await this.fetch(`/rest/binary-data?${query}`)).arrayBuffer());
	}

	/** Sends a request to n8n. Throws unless it succeeds. */
	async fetch(path: string): Promise<Response> {
		return await this.checked('GET', path);
	}

	private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
		const answer = (await (await this.checked(method, path, body)).json()) as { data: T };
		return answer.data;
	}

	private async checked(method: string, path: string, body?: unknown): Promise<Response> {
		const response = await this.send(method, path, body);
		if (response.ok) return response;
		throw new Error(`${method} ${path}: n8n answered ${response.status}: ${await response.text()}`);
	}

	private async send(method: string, path: string, body?: unknown): Promise<Response> {
		const request = async () =>
			await fetch(new URL(path, this.baseUrl), {
				method,
				headers: { 'content-type': 'application/json', cookie: this.cookie },
				body: body === undefined ? undefined : JSON.stringify(body),
			});
		if (method !== 'GET') return await request();
		// A busy n8n may close a kept-alive connection at the moment when it is used again.
		return await request().catch(request);
	}

	/** n8n stores execution data in a packed form. This unpacks it with the library that n8n uses. */
	private unflatten(data: string): RawExecutionData {
		const requireFromHost = createRequire(join(this.host.folder, 'package.json'));
		return (requireFromHost('flatted') as { parse(text: string): RawExecutionData }).parse(data);
	}
}
