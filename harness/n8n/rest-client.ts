import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toExecution, type BinaryFile, type Execution, type RawExecutionData } from './executions';
import type { Host } from './install';
import type { Credential } from './workflows';

/** The login of every n8n that is set up here. It listens on this machine only. */
export const OWNER = {
	email: 'owner@example.com',
	firstName: 'Luma',
	lastName: 'Ray',
	password: 'LumaRay-demo-1',
};

const POLL_MS = 250;
const ENDED = ['success', 'error', 'crashed', 'canceled'];

/** The answer of a credential test; the message says why it went badly. */
export interface CredentialTestResult {
	status: 'OK' | 'Error';
	message: string;
}

/** Uses the REST API that n8n's own editor uses, as the owner. */
export class RestClient {
	private cookie = '';

	constructor(
		private readonly baseUrl: string,
		private readonly host: Host,
	) {}

	/**
	 * Makes the owner's account, or finds it made (400).
	 * @returns false while n8n starts: it does not listen yet, or answers every request in plain text
	 * that it is starting up, or does not know the address yet (404)
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

	/** Signs in as the owner; all other calls need it. */
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

	/** The saved credentials, without what is secret in them. */
	async credentials(): Promise<Array<{ id: string; name: string; type: string }>> {
		return await this.call('GET', '/rest/credentials');
	}

	/** Runs a saved workflow as the editor's button does. Returns the execution's id at once. */
	async runWorkflow(workflowId: string, triggerName: string): Promise<string> {
		// 1.x wants the whole workflow in the request, 2.x reads its own copy.
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
	 * Switches a workflow on, so that its triggers and webhooks are heard. n8n 2.x answers before it hears
	 * them: see `N8nInstance.callWebhook`.
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

	/** How an execution stands; also while its data is not yet saved. */
	async status(id: string): Promise<string> {
		return (await this.call<{ status: string }>('GET', `/rest/executions/${id}`)).status;
	}

	/** The newest executions first, without their data. */
	async executions(): Promise<Array<{ id: string; status: string; workflowId: string }>> {
		const { results } = await this.call<{
			results: Array<{ id: string; status: string; workflowId: string }>;
		}>('GET', '/rest/executions?limit=100');
		return results;
	}

	/**
	 * Runs a failed execution again, as the editor's "Retry" does.
	 * @returns the id of the new execution
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
	 * Waits until an execution is in one of these states, by default until it has ended.
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
	 * Runs a credential's own test, as the editor does when a credential is saved. One of this id must have
	 * been imported, but it is the given data that is tested.
	 */
	async testCredential(credential: Credential): Promise<CredentialTestResult> {
		return await this.call('POST', '/rest/credentials/test', { credentials: credential });
	}

	/** The descriptions of all node types that n8n knows. */
	async nodeTypes(): Promise<Array<Record<string, unknown> & { name: string }>> {
		return (await (await this.fetch('/types/nodes.json')).json()) as never;
	}

	/** A file out of n8n's binary store. */
	async download(file: BinaryFile): Promise<Buffer> {
		if (!file.id) return Buffer.from(file.data, 'base64');
		const query = new URLSearchParams({ id: file.id, action: 'download' });
		return Buffer.from(await (await this.fetch(`/rest/binary-data?${query}`)).arrayBuffer());
	}

	/** Fetches a path of n8n; throws unless it is answered well. */
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
		// A busy n8n may close a connection that is kept alive just when it is used again.
		return await request().catch(request);
	}

	/** n8n stores execution data in a packed form; the library that it packs with unpacks it. */
	private unflatten(data: string): RawExecutionData {
		const requireFromHost = createRequire(join(this.host.folder, 'package.json'));
		return (requireFromHost('flatted') as { parse(text: string): RawExecutionData }).parse(data);
	}
}
