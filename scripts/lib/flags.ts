import { parseArgs, type ParseArgsConfig } from 'node:util';

/**
 * Reads a script's flags. `--help` prints the usage and exits with code 0. An unknown flag prints a message and exits
 * with code 2.
 */
export function readFlags<T extends NonNullable<ParseArgsConfig['options']>>(usage: string, options: T) {
	try {
		const { values } = parseArgs({ options: { ...options, help: { type: 'boolean', short: 'h' } } });
		if (!('help' in values && values.help)) return values;
	} catch (error) {
		refuse((error as Error).message.split('. ')[0]);
	}
	process.stdout.write(usage);
	process.exit(0);
}

/** Exits with code 2, because the command was used incorrectly. */
export function refuse(message: string): never {
	process.stderr.write(`${message}. --help shows what there is.\n`);
	process.exit(2);
}
