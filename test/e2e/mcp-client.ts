/** A tool as an MCP server describes it. */
interface McpTool {
	name: string;
	description: string;
	inputSchema: { properties: object };
}

/** A client that is connected to an MCP server and has initialized the session. */
export interface McpSession {
	tools(): Promise<McpTool[]>;
	/** Calls a tool of n8n's and returns the items of its answer. */
	call(name: string, toolArguments: object): Promise<Array<Record<string, unknown>>>;
}

/**
 * Connects to an MCP server by Streamable HTTP, the transport that current clients use.
 * @throws with the status if the server refuses the token
 */
export async function mcpSession(url: string, token: string): Promise<McpSession> {
	let session: string | null = null;
	let lastId = 0;
	const send = async (method: string, params: object, id?: number): Promise<Response> => {
		const response = await fetch(url, {
			method: 'POST',
			headers: {
				'content-type': 'application/json',
				accept: 'application/json, text/event-stream',
				authorization: `Bearer ${token}`,
				...(session && { 'mcp-session-id': session }),
			},
			body: JSON.stringify({ jsonrpc: '2.0', method, params, ...(id && { id }) }),
		});
		if (!response.ok) throw new Error(`${method}: ${response.status} ${await response.text()}`);
		session ??= response.headers.get('mcp-session-id');
		return response;
	};
	const ask = async <T>(method: string, params: object): Promise<T> => {
		const text = await (await send(method, params, ++lastId)).text();
		const { result, error } = JSON.parse(answerIn(text)) as { result: T; error?: { message: string } };
		if (error) throw new Error(`${method}: ${error.message}`);
		return result;
	};

	await ask('initialize', {
		protocolVersion: '2025-06-18',
		capabilities: {},
		clientInfo: { name: 'test', version: '1' },
	});
	await send('notifications/initialized', {});
	return {
		tools: async () => (await ask<{ tools: McpTool[] }>('tools/list', {})).tools,
		call: async (name, toolArguments) => {
			const { content } = await ask<{ content: Array<{ text: string }> }>('tools/call', {
				name,
				arguments: toolArguments,
			});
			return JSON.parse(content[0].text) as Array<Record<string, unknown>>;
		},
	};
}

/** The message in an answer, which is either JSON or an event stream with one event. */
function answerIn(text: string): string {
	return /^data: (.*)$/m.exec(text)?.[1] ?? text;
}
