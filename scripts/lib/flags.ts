import { parseArgs, type ParseArgsConfig } from 'node:util';

/**
 * Reads a script's flags. `--help` prints the usage and ends the process with code 0; a flag that does not
 * exist ends it with code 2 and a message.
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

/** Ends the process with code 2: the command was typed wrongly. */
export function refuse(message: string): never {
	process.stderr.write(`${message}. --help shows what there is.\n`);
	process.exit(2);
}
