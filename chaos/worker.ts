import { inspect } from 'node:util';

import { runStretch } from './campaign';
import type { WorkerAnswer } from './crew';
import type { Stretch } from './report';

/** A worker process of a long run. It runs the stories that it receives. */
process.on('message', (stretch: Stretch) => {
	const send = (answer: WorkerAnswer) => process.send?.(answer);
	void runStretch(stretch).then(
		(report) => send({ report }),
		(error: unknown) => send({ error: inspect(error) }),
	);
});
