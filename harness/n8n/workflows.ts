import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './package';

/** A node of a workflow in n8n's export format. */
export interface WorkflowNode {
	id: string;
	name: string;
	type: string;
	typeVersion: number;
	position: [number, number];
	parameters: Record<string, unknown>;
	credentials?: Record<string, { id: string; name: string }>;
	[setting: string]: unknown;
}

/** A workflow in n8n's export format. The ID has at most 21 characters. */
export interface Workflow {
	id: string;
	name: string;
	nodes: WorkflowNode[];
	connections: Record<string, { main: Array<Array<{ node: string; type: string; index: number }>> }>;
	settings?: Record<string, unknown>;
}

/** A credential in the unencrypted form that `n8n import:credentials` reads. */
export interface Credential {
	id: string;
	name: string;
	type: string;
	data: Record<string, unknown>;
}

/** Where the examples save files: the folder for files of n8n's Docker image. */
const FILES_FOLDER = '/home/node/.n8n-files';

/**
 * Reads one of the workflows in examples/, for instance 'animate-one-image'.
 * @param files the folder where it saves files, instead of the one of n8n's Docker image
 */
export function readExample(name: string, files = FILES_FOLDER): Workflow {
	const text = readFileSync(join(REPOSITORY, 'examples', `${name}.json`), 'utf8');
	return JSON.parse(text.replaceAll(FILES_FOLDER, JSON.stringify(files).slice(1, -1))) as Workflow;
}

/** The names of all workflows in examples/. */
export function exampleNames(): string[] {
	return readdirSync(join(REPOSITORY, 'examples')).map((file) => file.replace('.json', ''));
}

/** Connects each node to the next one, by their first outputs and inputs. */
export function chain(...nodes: WorkflowNode[]): Workflow['connections'] {
	return Object.fromEntries(
		nodes
			.slice(1)
			.map((node, index) => [nodes[index].name, { main: [[{ node: node.name, type: 'main', index: 0 }]] }]),
	);
}
