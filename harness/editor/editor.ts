import { setTimeout as sleep } from 'node:timers/promises';
import { selectors, type Browser, type Locator, type Page } from 'playwright-core';
import { OWNER, type N8nInstance } from '../n8n';

const WINDOW = { width: 1440, height: 900 };
/** Time for n8n's animations to finish. */
const SETTLE_MS = 1_500;
/** Time for an element to appear. On a busy machine, the editor alone takes a minute to load. */
const TIMEOUT_MS = 180_000;
const NOTIFICATION = '.el-notification';
/** Time for a notification to close. It may also close by itself. */
const CLOSING_MS = 2_000;

/** The views in which the output panel of an opened node can show an item. */
export type OutputView = 'schema' | 'table' | 'json' | 'binary';

/** An entry of a resource locator's list. */
export interface ListEntry {
	text: string;
	/** Whether the list is too narrow for the text. */
	isCutOff: boolean;
}

/** A sticky note on the canvas. Heights are in pixels of the canvas, independent of the zoom. */
export interface NoteOnCanvas {
	/** Its first heading. */
	title: string;
	height: number;
	/**
	 * The distance from the upper edge of the note to the end of its text. If the text is cut off, this is more than
	 * the height of the note.
	 */
	textHeight: number;
}

declare global {
	interface Window {
		/** The notifications that n8n has shown since the page was loaded. */
		announcements: string[];
	}
}

/** Runs in the page, because a notification closes after a few seconds, maybe before a busy machine has read it. */
function recordAnnouncements(notification: string): void {
	window.announcements = [];
	new MutationObserver((changes) => {
		for (const added of changes.flatMap(({ addedNodes }) => [...addedNodes])) {
			if (added instanceof Element && added.matches(notification)) {
				window.announcements.push(added.textContent ?? '');
			}
		}
	}).observe(document, { childList: true, subtree: true });
}

/**
 * The list that n8n shows, once it contains the wanted entry and no longer changes. If the entry never appears, the
 * list that n8n shows at the end.
 */
async function onceIn(read: () => Promise<string[]>, wanted: string): Promise<string[]> {
	const deadline = Date.now() + TIMEOUT_MS;
	for (let shown: string[] = []; ; ) {
		await sleep(SETTLE_MS);
		const last = shown;
		shown = await read();
		const isAtRest = shown.includes(wanted) && shown.join() === last.join();
		if (isAtRest || Date.now() > deadline) return shown;
	}
}

/** n8n's editor, used the way a user sees and operates it. */
export class Editor {
	private constructor(
		private readonly page: Page,
		private readonly n8n: N8nInstance,
	) {}

	/** Opens a window and signs in as the owner. */
	static async open(browser: Browser, n8n: N8nInstance): Promise<Editor> {
		selectors.setTestIdAttribute('data-test-id');
		const page = await browser.newPage({ viewport: WINDOW });
		page.setDefaultTimeout(TIMEOUT_MS);
		await page.addInitScript(recordAnnouncements, NOTIFICATION);
		await page.goto(`${n8n.url}/signin`);
		await page.fill('input[type=email]', OWNER.email);
		await page.fill('input[type=password]', OWNER.password);
		await page.keyboard.press('Enter');
		await page.waitForURL((url) => !url.pathname.startsWith('/signin'));
		return new Editor(page, n8n);
	}

	/** Shows a whole workflow. */
	async openWorkflow(workflowId: string): Promise<void> {
		await this.page.goto(`${this.n8n.url}/workflow/${workflowId}`);
		await this.page.getByTestId('canvas-node').first().waitFor();
		await this.page.getByTestId('zoom-to-fit').click();
	}

	/** Starts an empty workflow. */
	async newWorkflow(): Promise<void> {
		await this.page.goto(`${this.n8n.url}/workflow/new`);
		await this.page.getByTestId('canvas-plus-button').waitFor();
	}

	/**
	 * Returns the nodes that the nodes panel finds for a search word, in the order of the panel.
	 * @param wanted the node to wait for
	 */
	async searchNodes(word: string, wanted: string): Promise<string[]> {
		const bar = this.page.getByTestId('node-creator-search-bar');
		if (!(await bar.isVisible())) await this.page.getByTestId('node-creator-plus-button').click();
		await bar.fill(word);
		const items = this.page.getByTestId('node-creator-item-name');
		return await onceIn(async () => await items.allTextContents(), wanted);
	}

	/**
	 * Opens a node that the nodes panel has found. Returns its triggers and actions, in the order of the panel.
	 * @param wanted the action to wait for
	 */
	async listActions(nodeName: string, wanted: string): Promise<string[]> {
		const items = this.page.getByTestId('node-creator-item-name');
		await items.getByText(nodeName, { exact: true }).click();
		// While a workflow has no first step, n8n shows the triggers and collapses the actions.
		const action = items.getByText(wanted, { exact: true });
		const folded = this.page.getByText(/^Actions \(\d+\)$/);
		await action.or(folded).first().waitFor();
		if (!(await action.isVisible())) await folded.click();
		return await onceIn(async () => await items.allTextContents(), wanted);
	}

	/** Adds a node with one of its actions and opens it. */
	async addAction(action: string): Promise<void> {
		await this.page.getByTestId('node-creator-item-name').getByText(action, { exact: true }).click();
		await this.page.getByTestId('ndv').waitFor();
	}

	/** Selects an option in a field of the opened node. */
	async choose(parameter: string, option: string): Promise<void> {
		await this.field(parameter).click();
		const options = this.page.getByTestId('parameter-input-item').filter({ visible: true });
		await options.getByText(option, { exact: true }).first().click();
	}

	/** The names of the options in a field of the opened node, in the order of the form. */
	async optionsOf(parameter: string): Promise<string[]> {
		await this.field(parameter).click();
		return await this.namesInList(this.page.getByTestId('parameter-input-item'));
	}

	/** The entries that can be added to the options of the opened node, in the order of the form. */
	async addableOptions(): Promise<string[]> {
		await this.page.getByTestId('collection-parameter-add').filter({ visible: true }).last().click();
		return await this.namesInList(this.page.getByTestId('collection-parameter-option'));
	}

	/** Reads the first line of each entry of an open list, then closes the list. */
	private async namesInList(entries: Locator): Promise<string[]> {
		const shown = entries.filter({ visible: true });
		await shown.first().waitFor();
		await sleep(SETTLE_MS);
		const texts = await shown.allInnerTexts();
		// Not with Escape, because that would close the node.
		await this.page
			.getByTestId('ndv')
			.locator('[data-test-id="node-parameters"]')
			.click({ position: { x: 2, y: 2 } });
		await shown.first().waitFor({ state: 'hidden' });
		return texts.map((text) => text.trim().split('\n')[0]);
	}

	/** Makes the window tall enough for a whole form, or restores its height. */
	async setHeight(height = WINDOW.height): Promise<void> {
		await this.page.setViewportSize({ ...WINDOW, height });
		await sleep(SETTLE_MS);
	}

	/** Fills in a text field of the opened node or credential. */
	async fill(parameter: string, text: string): Promise<void> {
		await this.field(parameter).locator('input, textarea').first().fill(text);
	}

	/** Opens a resource locator's list and waits for an entry with this text. Returns all entries, in their order. */
	async openList(parameter: string, text: string): Promise<ListEntry[]> {
		await this.field(parameter).getByTestId('rlc-input').click();
		const entries = this.page.getByTestId('rlc-item').filter({ visible: true });
		await entries.filter({ hasText: text }).first().waitFor();
		return await entries.evaluateAll((all) =>
			all.map((entry) => {
				const name = entry.querySelector('span')!;
				const isCutOff = name.scrollWidth > name.clientWidth;
				return { text: name.innerText.trim(), isCutOff };
			}),
		);
	}

	/** Picks the first entry with this text from the open list of a resource locator. */
	async pickFromList(text: string): Promise<void> {
		const entries = this.page.getByTestId('rlc-item').filter({ visible: true });
		await entries.filter({ hasText: text }).first().click();
		await this.page.getByTestId('rlc-item').first().waitFor({ state: 'hidden' });
	}

	/** Toggles a switch of the opened node or credential. */
	async toggle(parameter: string): Promise<void> {
		await this.field(parameter).locator('.el-switch').click();
	}

	/** The fields that the opened node shows, in the order of the form. */
	async fields(): Promise<string[]> {
		const inputs = this.page
			.getByTestId('node-parameters')
			.locator('[data-test-id^="parameter-input-"]:not([data-test-id="parameter-input-field"])')
			.filter({ visible: true });
		return await inputs.evaluateAll((all) =>
			all.map((input) => input.getAttribute('data-test-id')!.replace('parameter-input-', '')),
		);
	}

	/**
	 * The hints next to the output of the opened node.
	 * @param wanted a part of the hint that is waited for, if any
	 */
	async hints(wanted?: string): Promise<string[]> {
		const hints = this.outputPanel().getByTestId('node-hint');
		if (wanted !== undefined) await hints.filter({ hasText: wanted }).first().waitFor();
		return await hints.allTextContents();
	}

	/**
	 * Creates the first credential of its type for the opened node and leaves the credential's window open.
	 * @returns n8n's message about the test
	 */
	async createCredential(fields: Record<string, unknown>): Promise<string> {
		await this.page.getByTestId('node-credentials-slot').getByRole('button').first().click();
		await this.page.getByTestId('credential-edit-dialog').waitFor();
		for (const [name, value] of Object.entries(fields)) {
			if (value === true) await this.toggle(name);
			else await this.fill(name, String(value));
		}
		await this.page.getByTestId('credential-save-button').first().click();
		// n8n closes the window if the test succeeded. When the window is opened again, n8n tests again and shows the
		// result.
		await this.page.getByTestId('credential-edit-dialog').waitFor({ state: 'hidden' });
		await this.page.getByTestId('credential-edit-button').click();
		const verdict = this.page
			.locator('[data-test-id^="credentials-config-container-test-"]')
			.filter({ visible: true })
			.first();
		await verdict.waitFor();
		await this.dismissNotifications();
		return (await verdict.innerText()).trim();
	}

	async closeCredential(): Promise<void> {
		await this.page.getByTestId('editCredential-modal').locator('.el-dialog__headerbtn').click();
		await this.page.getByTestId('credential-edit-dialog').waitFor({ state: 'hidden' });
	}

	/** Opens a node with its input, parameters and output. */
	async openNode(name: string): Promise<void> {
		await this.page.locator(`[data-node-name="${name}"]`).first().dblclick();
		await this.page.getByTestId('ndv').waitFor();
	}

	async closeNode(): Promise<void> {
		await this.page.getByTestId('ndv-close-button').click();
		await this.page.getByTestId('ndv').waitFor({ state: 'hidden' });
	}

	/** Runs the opened node and all nodes before it. Returns the last message that n8n shows about it. */
	async executeNode(): Promise<string> {
		const count = await this.page.evaluate(() => window.announcements.length);
		await this.page.getByTestId('node-execute-button').first().click();
		const announced = await this.page.waitForFunction((said) => window.announcements[said], count);
		await this.dismissNotifications();
		return await announced.jsonValue();
	}

	/** Runs the opened workflow and waits until the canvas shows that a node is parked. */
	async runUntilParked(node: string): Promise<void> {
		await this.page.getByTestId('execute-workflow-button').click();
		await this.page.locator(`[data-test-id="canvas-node"][data-node-name="${node}"].waiting`).waitFor();
		await this.dismissNotifications();
	}

	/** Sends a message in the chat of the opened workflow. Returns the answer. */
	async chat(message: string): Promise<string> {
		await this.page.getByTestId('workflow-chat-button').click();
		const input = this.page.getByTestId('chat-input').filter({ visible: true }).first();
		await input.fill(message);
		const answers = this.page.locator('.chat-message-from-bot:not(.chat-message-typing)');
		const count = await answers.count();
		await input.press('Enter');
		const answer = answers.nth(count);
		await answer.waitFor();
		await this.dismissNotifications();
		// The chat leaves less room for the canvas.
		await this.page.getByTestId('zoom-to-fit').click();
		return await answer.innerText();
	}

	/**
	 * The nodes that the canvas shows as executed with success.
	 * @param wanted the node that is waited for
	 */
	async succeededNodes(wanted: string): Promise<string[]> {
		const nodes = this.page
			.getByTestId('canvas-node')
			.filter({ has: this.page.getByTestId('canvas-node-status-success') });
		const names = async () =>
			await nodes.evaluateAll((all) => all.map((node) => node.getAttribute('data-node-name') ?? ''));
		return await onceIn(names, wanted);
	}

	/** The output panel's text as it is shown. */
	async outputText(): Promise<string> {
		return await this.outputPanel().innerText();
	}

	/** Switches n8n to its light or dark theme and reloads the page. */
	async setTheme(theme: 'light' | 'dark'): Promise<void> {
		await this.page.evaluate((name) => localStorage.setItem('N8N_THEME', name), theme);
		await this.page.reload();
		await this.page.getByTestId('canvas-node').first().waitFor();
	}

	/** How the canvas shows a node: the text below it and the address of its icon. */
	async nodeOnCanvas(name: string): Promise<{ text: string; icon: string }> {
		const node = this.page.locator(`[data-node-name="${name}"]`).first();
		const icon = await node.locator('img').first().getAttribute('src');
		return { text: await node.innerText(), icon: icon ?? '' };
	}

	/** The notes of the opened workflow. */
	async notesOnCanvas(): Promise<NoteOnCanvas[]> {
		return await this.page.getByTestId('sticky').evaluateAll((notes) =>
			notes.map((note) => {
				const { top, height } = note.getBoundingClientRect();
				const zoom = height / (note as HTMLElement).offsetHeight;
				const texts = [...note.querySelectorAll('h2, h3, p, li')];
				const bottom = Math.max(...texts.map((text) => text.getBoundingClientRect().bottom));
				return {
					title: note.querySelector('h2, h3')?.textContent ?? '',
					height: height / zoom,
					textHeight: (bottom - top) / zoom,
				};
			}),
		);
	}

	async showOutputAs(view: OutputView): Promise<void> {
		await this.outputPanel().getByTestId(`radio-button-${view}`).click();
		await sleep(SETTLE_MS);
	}

	/** Plays the file of the opened node's first output item. */
	async viewBinary(): Promise<void> {
		await this.showOutputAs('binary');
		await this.page.getByTestId('ndv-view-binary-data').first().click();
		// Readiness 3: the browser has decoded the current frame, so the picture is not black.
		await this.page.waitForFunction(() => (document.querySelector('video')?.readyState ?? 0) >= 3);
	}

	/** Takes a screenshot of the window once it no longer changes, with the mouse pointer moved out of the way. */
	async screenshot(path: string): Promise<void> {
		await this.page.mouse.move(WINDOW.width / 2, 2);
		await this.page.evaluate(() => document.fonts.ready);
		await sleep(SETTLE_MS);
		await this.page.screenshot({ path });
	}

	/** Closes n8n's notifications, so that no screenshot shows them. */
	private async dismissNotifications(): Promise<void> {
		const all = this.page.locator(NOTIFICATION).filter({ visible: true });
		while ((await all.count()) > 0) {
			await all
				.first()
				.locator('.el-notification__closeBtn')
				.click({ timeout: CLOSING_MS })
				.catch(() => undefined);
			await sleep(SETTLE_MS);
		}
	}

	private field(parameter: string): Locator {
		return this.page.getByTestId(`parameter-input-${parameter}`).filter({ visible: true }).first();
	}

	private outputPanel(): Locator {
		return this.page.getByTestId('output-panel');
	}
}
