/** A file that belongs to an item. `id` names it in n8n's store; without one, `data` is the file in base64. */
export interface BinaryFile {
	id?: string;
	data: string;
	mimeType: string;
	fileName?: string;
}

/** An item that a node put out. */
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

/** One run of a workflow: its state in n8n's words, and what every node put out in each of its runs. */
export interface Execution {
	/** Not known for an execution on the command line. */
	id?: string;
	status: 'success' | 'error' | 'crashed' | 'canceled' | 'waiting' | 'running' | 'new' | 'unknown';
	error?: ExecutionError;
	runs: Record<string, NodeRun[]>;
	/** ISO time at which it ended, if n8n says so. */
	stoppedAt?: string;
}

export interface NodeRun {
	executionTime: number;
	executionStatus?: string;
	data?: { main: Array<OutputItem[] | null> };
}

/** The part of n8n's execution data that is read here. */
export interface RawExecutionData {
	resultData?: { error?: ExecutionError; runData?: Record<string, NodeRun[]> };
}

/**
 * The items of a node's last run.
 * @param output which output of the node, from 0
 * @throws if the node did not run, with what ended the execution before it
 */
export function outputItems(execution: Execution, nodeName: string, output = 0): OutputItem[] {
	const run = execution.runs[nodeName]?.at(-1);
	if (!run) throw new Error(`'${nodeName}' did not run: the execution's status is ${describe(execution)}`);
	return run.data?.main[output] ?? [];
}

/** The execution's status and what went wrong, in one line. */
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
 * Reads what `n8n execute` printed. The JSON comes among log lines and, if the execution failed,
 * without being asked for.
 * @returns undefined if there is no execution in it
 */
export function parseExecuteOutput(stdout: string): Execution | undefined {
	const json = /^\{$[^]*?^\}$/m.exec(stdout)?.[0];
	if (json === undefined) return undefined;
	const { status, finished, data } = JSON.parse(json) as {
		status: string;
		finished?: boolean;
		data: RawExecutionData;
	};
	// n8n 2.4 prints its executions while their status is not yet written.
	return toExecution(status === 'running' && finished ? 'success' : status, data);
}
