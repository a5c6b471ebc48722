import type { Clock } from '../../transport/clock';
import type { Http } from '../../transport/http';

/** fal's hosts, without a closing slash. */
export interface FalEndpoints {
	queueUrl: string;
	runUrl: string;
	restUrl: string;
	apiUrl: string;
}

/** Everything that a request to fal needs. */
export interface FalWire {
	http: Http;
	endpoints: FalEndpoints;
	clock: Clock;
	/** Sent with every status request: whether to include the runner's log lines. */
	statusQuery: { [name: string]: string };
}
