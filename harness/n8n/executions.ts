/**
 * A file that belongs to an item. `id` is its ID in n8n's store. Without an ID, `data` contains the file in base64.
 */
export interface BinaryFile {
	id?: string;
	data: string;
	mimeType: string;
	fileName?: string;
}

/** An item that a node returned. */
export interface OutputItem {
	json: Record<string, unknown>;
	binary?: Record<string, BinaryFile>;
	pairedItem?: unknown;
}

export interface ExecutionError {
	message: string;
	description?: string | null;
	node?: { name: string };
}

/** One run of a workflow: its status as n8n reports it, and the output of each run of every node. */
export interface Execution {
	/** Unknown for an execution that was started on the command line. */
	id?: string;
	status: 'success' | 'error' | 'crashed' | 'canceled' | 'waiting' | 'running' | 'new' | 'unknown';
	error?: ExecutionError;
	runs: Record<string, NodeRun[]>;
	/** When the execution ended (ISO time), if n8n reports it. */
	stoppedAt?: string;
}

export interface NodeRun {
	executionTime: number;
	executionStatus?: string;
	data?: { main: Array<OutputItem[] | null> };
}

/** The part of n8n's execution data that this file reads. */
export interface RawExecutionData {
	resultData?: { error?: ExecutionError; runData?: Record<string, NodeRun[]> };
}

/**
 * The items of a node's last run.
 * @param output the index of the node's output, from 0
 * @throws if the node did not run, with the error that ended the execution
 */
export function outputItems(execution: Execution, nodeName: string, output = 0): OutputItem[] {
	const run = execution.runs[nodeName]?.at(-1);
	if (!run) throw new Error(`'${nodeName}' did not run: the execution's status is ${describe(execution)}`);
	return run.data?.main[output] ?? [];
}

/** The execution's status and its error, in one line. */
export function describe({ status, error }: Execution): string {
	if (!error) return status;
	const where = error.node ? ` in '${error.node.name}'` : '';
	return `${status}${where}: ${[error.message, error.description].filter(Boolean).join(' ')}`;
}

/** Reads n8n's execution data from any source. */
export function toExecution(status: string, data: RawExecutionData, id?: string): Execution {
	const { error, runData } = data.resultData ?? {};
	return { id, status: status as Execution['status'], error, runs: runData ?? {} };
}

/**
 * Reads the output of `n8n execute`. The JSON is between log lines. If the execution failed, it is printed without
 * being requested.
 * @returns undefined if the output contains no execution
 */
export function parseExecuteOutput(stdout: string): Execution | undefined {
	const json = /^\{$[^]*?^\}$/m.exec(stdout)?.[0];
	if (json === undefined) return undefined;
	const { status, finished, data } = JSON.parse(json) as {
		status: string;
		finished?: boolean;
		data: RawExecutionData;
	};
	// n8n 2.4 prints executions before it has written their status.
	return toExecution(status === 'running' && finished ? 'success' : status, data);
}
