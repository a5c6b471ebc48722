/**
 * Runs one command in a process group of its own: `node keeper.js <command> [argument…]`.
 *
 * The group ends with whoever started the keeper: once their IPC channel closes, even by a kill -9 that
 * leaves no time to clean up, everything in the group is killed. A signal name sent over that channel goes
 * to the whole group, and the command's end is reported as `{ code, signal, problem }`.
 */
const { spawn } = require('node:child_process');

const [command, ...args] = process.argv.slice(2);
const child = spawn(command, args, { detached: true, stdio: ['ignore', 'inherit', 'inherit'] });

function signalGroup(signal) {
	try {
		process.kill(-child.pid, signal);
	} catch {
		// The group has ended by itself.
	}
}

function report(end) {
	signalGroup('SIGKILL'); // helpers that the command started and left behind
	if (!process.connected) process.exit();
	process.send(end, () => process.exit());
}

process.on('message', signalGroup);
process.on('disconnect', () => signalGroup('SIGKILL'));
child.on('error', (error) => report({ code: null, signal: null, problem: error.message }));
child.on('exit', (code, signal) => report({ code, signal }));
