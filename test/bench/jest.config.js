const base = require('../../jest.config');

/** `npm run bench:quick`: whether the benchmark runs. `npm test` leaves it out, as it takes a minute. */
module.exports = {
	...base,
	rootDir: '../..',
	roots: ['<rootDir>/test/bench'],
	testPathIgnorePatterns: ['/node_modules/'],
};
