/** Runs in a Vitest worker before each test file. */

// Loads the modules of this repository again, so that the node's memory is as empty as in a new process. The modules of
// n8n and other packages stay loaded.
vi.resetModules();

/**
 * Ends this worker when the process that started it has ended. Otherwise, Vitest's workers would use CPU time and
 * memory forever.
 */
const END_ALONE = 'lumaRayEndsAlone';
if (!Reflect.has(globalThis, END_ALONE)) {
	Reflect.set(globalThis, END_ALONE, true);
	// Vitest replaces process.exit.
	process.once('disconnect', () => process.kill(process.pid));
}
