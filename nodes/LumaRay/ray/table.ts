/** The providers that serve Luma Ray 3.2. The value is what saved workflows hold. */
export type ProviderId = 'fal' | 'oxen';

export type AspectRatio =
	| '3:1'
	| '2:1'
	| '21:9'
	| '16:9'
	| '4:3'
	| '3:2'
	| '1:1'
	| '3:4'
	| '2:3'
	| '9:16'
	| '1:2'
	| '1:3';
export type Resolution = '540p' | '720p' | '1080p';
export type Duration = '5s' | '10s';

/** What one provider allows Luma Ray 3.2 to do and what it asks for it. One table per provider, nothing else. */
export interface RayTable {
	/** The provider's name as people know it. */
	name: string;
	/** The id of the model at this provider. */
	model: string;
	aspectRatios: readonly AspectRatio[];
	resolutions: readonly Resolution[];
	durations: readonly Duration[];
	/** Durations that can loop seamlessly. */
	loopDurations: readonly Duration[];
	/** Bytes that an image from the workflow's binary data may have. */
	maxImageBytes: number;
	/** Bytes that it may have inside the request itself; absent where the provider has a storage of its own. */
	maxInlineImageBytes?: number;
	/** The inputs that decide the price, or who pays it, by their names on the wire. */
	pricedBy: readonly string[];
	/** The input that says how many videos one request orders; absent if there is none. */
	generationsField?: string;
	/** USD per clip. */
	pricesUsd: Readonly<Record<Resolution, Readonly<Record<Duration, number>>>>;
	/** Where the prices were read, and when (ISO date). */
	pricesFrom: { source: string; date: string };
}
