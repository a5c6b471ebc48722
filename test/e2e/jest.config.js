module.exports = {
	rootDir: '../..',
	roots: ['<rootDir>/test/e2e'],
	testEnvironment: 'node',
	transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.tools.json', transpilation: true }] },
	globalSetup: '<rootDir>/test/e2e/global-setup.ts',
	// A real n8n on a slow, shared machine: what hangs is caught, what is merely slow is not.
	testTimeout: 600_000,
};
