module.exports = {
	rootDir: '../..',
	roots: ['<rootDir>/test/e2e'],
	testEnvironment: 'node',
	// The tour of the editor is not steady yet on a busy machine: `npm run test:editor` runs it by itself.
	testPathIgnorePatterns: ['/node_modules/', ...(process.env.LUMA_RAY_EDITOR ? [] : ['/editor.test.ts$'])],
	transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.tools.json' }] },
	globalSetup: '<rootDir>/test/e2e/global-setup.ts',
	// A real n8n on a slow, shared machine: what hangs is caught, what is merely slow is not.
	testTimeout: 600_000,
};
