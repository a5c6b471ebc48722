import type { Clock } from '../../transport/clock';
import type { Http } from '../../transport/http';

/** Oxen's host, without a closing slash. */
export interface OxenEndpoints {
	baseUrl: string;
}

/** Everything that a request to Oxen needs. */
export interface OxenWire extends OxenEndpoints {
	http: Http;
	clock: Clock;
}
