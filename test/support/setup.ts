/** What runs in a worker of Vitest before each test file. */

// The modules of this repository are loaded again, so that what the node keeps in memory is as in a process of its
// own. Those of n8n and other packages stay.
vi.resetModules();

/** Ends this worker once the process that started it is gone: Vitest's own workers would spin and fill the memory. */
const END_ALONE = 'lumaRayEndsAlone';
if (!Reflect.has(globalThis, END_ALONE)) {
	Reflect.set(globalThis, END_ALONE, true);
	// Vitest replaces process.exit.
	process.once('disconnect', () => process.kill(process.pid));
}
