import type { Sandbox } from '.';

/** How to fill in the node's credentials to use this sandbox, as a table with two columns. */
export function credentialsTable({ fal, oxen }: Pick<Sandbox, 'fal' | 'oxen'>): string {
	return `In n8n, credential "Luma Ray Fal API":            and credential "Luma Ray Oxen API":
  API Key           ${fal.key.padEnd(32)}API Key           ${oxen.key}
  Custom Endpoints  on                              Custom Endpoints  on
  Queue URL         ${fal.queueUrl.padEnd(32)}Base URL          ${oxen.baseUrl}
  Run URL           ${fal.runUrl}
  REST URL          ${fal.restUrl}
  API URL           ${fal.apiUrl}`;
}
