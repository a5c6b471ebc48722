import type { Clock } from '../../transport/clock';
import type { Http } from '../../transport/http';

/** fal's hosts, without a closing slash. */
export interface FalEndpoints {
	queueUrl: string;
	runUrl: string;
	restUrl: string;
	apiUrl: string;
}

/** What it takes to speak to fal. */
export interface FalWire {
	http: Http;
	endpoints: FalEndpoints;
	clock: Clock;
	/** Goes along with every status: whether the runner's log lines are to come with it. */
	statusQuery: { [name: string]: string };
}
