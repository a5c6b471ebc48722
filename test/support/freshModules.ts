/**
 * Before each test file: the modules of this repository are loaded again, so that what the node keeps in memory is as
 * in a process of its own. Those of n8n and other packages stay.
 */
vi.resetModules();
