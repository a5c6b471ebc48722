import type { ICredentialType } from 'n8n-workflow';

import type { Catalogue } from '../models/catalogue';
import type { Http } from '../transport/http';
import type { Provider, ProviderLinks } from './provider';

/** A delivery as it was received. Header names are in lower case. */
export interface Delivery {
	headers: { [name: string]: string | string[] | undefined };
	rawBody: Buffer;
}

/**
 * Why a delivery is not trusted. `misfit`: none of the keys signed it, or it was changed on the way. `noKeys`: the
 * provider's newest keys could not be read.
 */
export type VerificationFailure = 'unsigned' | 'stale' | 'misfit' | 'noKeys';

/** A provider as the rest of the package sees it: its offer, its addresses and its words for messages. */
export interface ProviderEntry<Endpoints extends object = object> {
	catalogue: Catalogue;
	credential: ICredentialType;
	links: ProviderLinks;
	/** An address of a generation, as an example of what a user may paste. */
	exampleUrl: string;
	/** What the account pays with. */
	money: { name: string; isMany: boolean };
	/** The standard addresses, by the fields of the credential that replace them. */
	endpoints: Endpoints;
	/** The field of the credential whose address is wrong most often. */
	endpoint: string;
	/** Which of the addresses says where a video may come from. */
	homeOf(endpoints: Endpoints): string;
	/** The parts of an API key that must not be shown. */
	secretsOf(apiKey: string): string[];
	/**
	 * @param account an ID of the account, without its key
	 * @param wantLogs asks for log lines with every status, if the provider has them
	 */
	create(http: Http, endpoints: Endpoints, account: string, wantLogs: boolean): Provider;
	/**
	 * Why a webhook delivery is not trusted, or undefined if it is. Absent if the provider sends none.
	 * @param fetchJson may throw
	 */
	verifyDelivery?(
		delivery: Delivery,
		endpoints: Endpoints,
		fetchJson: (url: string) => Promise<unknown>,
	): Promise<VerificationFailure | undefined>;
}
