import { namesOf } from './names';

/** Text for the output pane and the canvas. n8n shows them as HTML. */

/** The maximum number of jobs that one hint lists. */
const MAX_LISTED = 10;

/** A link to the page on which a provider shows its jobs. */
export function dashboardLink(provider: string): string {
	const { name, links } = namesOf(provider);
	return `<a href="${links.jobs}" target="_blank">${name} dashboard</a>`;
}

/** Shown before and while the node runs. */
export function sayDuration(provider: string): string {
	return `A video takes 1 to 15 minutes. n8n shows no progress until the node finishes. To follow the generation, see the ${dashboardLink(provider)}.`;
}

/** Shown next to a parked node, because n8n 2.41 does not show its output. */
export function sayParked(jobs: Array<{ requestId?: string; status: string }>, provider: string): string {
	const listed = jobs
		.slice(0, MAX_LISTED)
		.map(({ requestId = 'no request ID yet', status }) => `${asText(requestId)} (${status})`);
	const more = jobs.length > MAX_LISTED ? ', …' : '';
	return `Suspended until these generations end: ${listed.join(', ')}${more}. See the ${dashboardLink(provider)}.`;
}

/** Shown instead of a parked node's output, followed by the link to the dashboard. */
export const SUSPENDED =
	'Suspended until the videos are ready. The execution resumes by itself, even after n8n restarts. Until then, see the ';

/** Shown after an execution that a trigger started has waited in the process. */
export const HELD_A_WORKER =
	'This execution used an n8n worker while it waited. In scheduled workflows, set <b>Wait Mode</b> to <b>Suspend</b>.';

/** A provider's text without the characters of HTML. */
function asText(text: string): string {
	return text.replace(/[<>&]/g, '');
}
