import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Credential, Workflow } from '../../harness/n8n';

const CREDENTIAL = { id: 'chatModelHarness', name: 'Chat model' };

/** A question that the chat model received. */
interface Question {
	messages: Array<{ role: string; content: unknown }>;
	tools?: Array<{ function: { name: string; description: string; parameters: { properties: object } } }>;
}

/** A simple chat model: it calls its only tool once, then answers. */
export interface ChatModel {
	/** The address for an OpenAI credential. */
	url: string;
	/** Every question that it received, in order. */
	questions: Question[];
	/** The arguments that it passes to the tool. */
	toolArguments: object;
	/** Makes the answer from what the tool returned. Without it, that is the answer. */
	answer?: (returned: string) => string;
	close(): Promise<void>;
}

/** Starts a chat model that speaks OpenAI's protocol. */
export async function startChatModel(): Promise<ChatModel> {
	const questions: Question[] = [];
	const model: Pick<ChatModel, 'questions' | 'toolArguments' | 'answer'> = { questions, toolArguments: {} };
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const question = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Question;
			questions.push(question);
			response.setHeader('content-type', 'application/json');
			response.end(JSON.stringify(completion(question, model)));
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return Object.assign(model, {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
		questions,
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	});
}

/** The credential for this chat model, for n8n to import. */
export function chatModelCredential({ url }: ChatModel): Credential {
	return { ...CREDENTIAL, type: 'openAiApi', data: { apiKey: 'none', url } };
}

/** An agent's template as a user completes it: with a chat model. */
export function withChatModel(workflow: Workflow): Workflow {
	const model = {
		id: 'model',
		name: 'Model',
		type: '@n8n/n8n-nodes-langchain.lmChatOpenAi',
		typeVersion: 1.2,
		position: [260, 220] as [number, number],
		parameters: { model: { mode: 'id', value: 'test' }, options: {} },
		credentials: { openAiApi: CREDENTIAL },
	};
	const connections = {
		...workflow.connections,
		Model: { ai_languageModel: [[{ node: 'Agent', type: 'ai_languageModel', index: 0 }]] },
	} as unknown as Workflow['connections'];
	return { ...workflow, nodes: [...workflow.nodes, model], connections };
}

function completion(
	{ messages, tools }: Question,
	{ toolArguments, answer }: Pick<ChatModel, 'toolArguments' | 'answer'>,
): object {
	const last = messages.at(-1)!;
	const name = tools?.[0].function.name;
	const call = {
		id: 'call_1',
		type: 'function',
		function: { name, arguments: JSON.stringify(toolArguments) },
	};
	const message =
		last.role === 'tool'
			? { role: 'assistant', content: answer?.(String(last.content)) ?? last.content }
			: { role: 'assistant', content: null, tool_calls: [call] };
	return {
		id: 'chatcmpl-1',
		object: 'chat.completion',
		created: 0,
		model: 'test',
		choices: [{ index: 0, finish_reason: last.role === 'tool' ? 'stop' : 'tool_calls', message }],
		usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
	};
}
