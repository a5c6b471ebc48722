import { setTimeout as sleep } from 'node:timers/promises';
import { selectors, type Browser, type Locator, type Page } from 'playwright-core';
import { OWNER, type N8nInstance } from '../../test/e2e/host';

const WINDOW = { width: 1440, height: 900 };
/** For n8n's animations to come to rest. */
const SETTLE_MS = 1_500;
const TIMEOUT_MS = 120_000;

/** What the output panel of an opened node can show an item as. */
export type OutputView = 'schema' | 'table' | 'json' | 'binary';

/** n8n's editor, as a person sees and handles it. */
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
		await page.goto(`${n8n.url}/signin`);
		await page.fill('input[type=email]', OWNER.email);
		await page.fill('input[type=password]', OWNER.password);
		await page.keyboard.press('Enter');
		await page.waitForURL((url) => !url.pathname.startsWith('/signin'));
		return new Editor(page, n8n);
	}

	/** Shows a workflow, all of it. */
	async openWorkflow(workflowId: string): Promise<void> {
		await this.page.goto(`${this.n8n.url}/workflow/${workflowId}`);
		await this.page.getByTestId('canvas-node').first().waitFor();
		await this.page.getByTestId('zoom-to-fit').click();
	}

	/** Opens a node: its input, parameters and output. */
	async openNode(name: string): Promise<void> {
		await this.page.locator(`[data-node-name="${name}"]`).first().dblclick();
		await this.page.getByTestId('ndv').waitFor();
	}

	/** Runs the opened node and all before it, until it has put something out. */
	async executeNode(): Promise<void> {
		await this.page.getByTestId('node-execute-button').first().click();
		await this.outputPanel().getByTestId('node-run-status-success').waitFor();
		await this.page.locator('.el-notification__closeBtn').first().click(); // "Node executed successfully"
	}

	async showOutputAs(view: OutputView): Promise<void> {
		await this.outputPanel().getByTestId(`radio-button-${view}`).click();
	}

	/** Plays the file of the opened node's first output item. */
	async viewBinary(): Promise<void> {
		await this.showOutputAs('binary');
		await this.page.getByTestId('ndv-view-binary-data').first().click();
		// Readiness 3: the browser has decoded the frame that it stands at, so the picture is not black.
		await this.page.waitForFunction(() => (document.querySelector('video')?.readyState ?? 0) >= 3);
	}

	/** Takes a picture of the window once it has come to rest, with the pointer out of the way. */
	async screenshot(path: string): Promise<void> {
		await this.page.mouse.move(WINDOW.width / 2, 2);
		await this.page.evaluate(() => document.fonts.ready);
		await sleep(SETTLE_MS);
		await this.page.screenshot({ path });
	}

	private outputPanel(): Locator {
		return this.page.getByTestId('output-panel');
	}
}
