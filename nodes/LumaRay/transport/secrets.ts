/** Replaces a key in text. */
const REPLACEMENT = '[API key]';
/** A shorter secret is not replaced, since it would match ordinary words. No provider issues keys that short. */
const SHORTEST_SECRET = 6;

/** Removes a credential's secrets from answers. */
export interface Redactor {
	text(text: string): string;
	/** Redacts any JSON value, including the names in it. */
	json<T>(value: T): T;
}

/**
 * @param secrets as the user typed them. They are also found with different whitespace, in upper or lower case,
 * percent-encoded, and as base64
 */
export function createRedactor(secrets: readonly string[]): Redactor {
	const forms = secrets
		.map((secret) => secret.replace(/\s+/g, ''))
		.filter((secret) => secret.length >= SHORTEST_SECRET)
		.flatMap((secret) => [secret, encodeURIComponent(secret), base64Of(secret)]);
	// Longest first, so that a whole key is replaced before its secret part.
	const patterns = [...new Set(forms)].sort((one, other) => other.length - one.length).map(patternOf);
	if (patterns.length === 0) return { text: (text) => text, json: (value) => value };
	const secret = new RegExp(patterns.join('|'), 'gi');
	const text = (said: string): string => said.replace(secret, REPLACEMENT);

	function json(value: unknown): unknown {
		if (typeof value === 'string') return text(value);
		if (typeof value !== 'object' || value === null) return value;
		if (Array.isArray(value)) return value.map(json);
		return Object.fromEntries(Object.entries(value).map(([name, held]) => [text(name), json(held)]));
	}
	return { text, json: (value) => json(value) as typeof value };
}

/** The secret as base64, without its last characters, which depend on what follows the secret. */
function base64Of(secret: string): string {
	return Buffer.from(secret)
		.toString('base64')
		.replace(/.{0,2}=*$/, '');
}

/** Matches the secret with any whitespace between its characters, such as the line break of a pasted key. */
function patternOf(secret: string): string {
	return [...secret].map((character) => character.replace(/[^\w]/, '\\$&')).join('\\s*');
}
