module.exports = {
	testEnvironment: 'node',
	roots: ['<rootDir>/test'],
	testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/e2e/'],
	transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.tools.json' }] },
	// The engine of n8n and the sandbox start in some tests; shared machines are slow.
	testTimeout: 60_000,
	// Most tests wait for a server most of the time, also where there are two cores only.
	maxWorkers: 3,
};
