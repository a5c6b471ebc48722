module.exports = {
	testEnvironment: 'node',
	roots: ['<rootDir>/test', '<rootDir>/chaos'],
	// A real n8n, and the benchmark, run by commands of their own.
	testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/e2e/', '<rootDir>/test/bench/'],
	// `npm run typecheck` checks the types of all files at once, much faster than each test its own.
	transform: {
		'^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.tools.json', transpilation: true }],
	},
	// Only what hangs is caught, not what is slow: other work may run on the same machine.
	testTimeout: 300_000,
	// Most tests wait for a server most of the time, also where there are two cores only.
	maxWorkers: 3,
};
