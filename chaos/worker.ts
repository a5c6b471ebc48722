import { inspect } from 'node:util';

import { liveThrough } from './campaign';
import type { Lived } from './crew';
import type { Stretch } from './report';

/** A process of a long run: it lives the stories that it is sent. */
process.on('message', (stretch: Stretch) => {
	const send = (lived: Lived) => process.send?.(lived);
	void liveThrough(stretch).then(
		(report) => send({ report }),
		(error: unknown) => send({ error: inspect(error) }),
	);
});
