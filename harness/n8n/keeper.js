/**
 * Runs one command in its own process group: `node keeper.js <command> [argument…]`.
 *
 * When the process that started the keeper ends, the IPC channel closes, and the keeper kills every process in the
 * group. This works even after a kill -9, which leaves no time to clean up. A signal name that is sent over the
 * channel is passed on to the whole group. The end of the command is reported as `{ code, signal, problem }`.
 */
const { spawn } = require('node:child_process');

const [command, ...args] = process.argv.slice(2);
const child = spawn(command, args, { detached: true, stdio: ['ignore', 'inherit', 'inherit'] });

function signalGroup(signal) {
	try {
		process.kill(-child.pid, signal);
	} catch {
		// The processes of the group have already ended.
	}
}

function report(end) {
	signalGroup('SIGKILL'); // Ends helper processes that the command left running.
	if (!process.connected) process.exit();
	process.send(end, () => process.exit());
}

process.on('message', signalGroup);
process.on('disconnect', () => signalGroup('SIGKILL'));
child.on('error', (error) => report({ code: null, signal: null, problem: error.message }));
child.on('exit', (code, signal) => report({ code, signal }));
