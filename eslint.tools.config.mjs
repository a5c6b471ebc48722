// The code around the package (sandbox, harness, chaos, tests, scripts, benchmark) runs in plain Node.js and is not
// published. So it follows general rules instead of n8n's rules for nodes.
import js from '@eslint/js';
import { globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default tseslint.config(
	globalIgnores(['dist', 'nodes', 'credentials']),
	{
		files: ['**/*.ts', '**/*.mts'],
		extends: [js.configs.recommended, tseslint.configs.recommended],
	},
	{
		files: ['**/*.js'],
		extends: [js.configs.recommended],
		languageOptions: {
			sourceType: 'commonjs',
			globals: { require: 'readonly', module: 'writable', exports: 'writable', process: 'readonly' },
		},
	},
);
