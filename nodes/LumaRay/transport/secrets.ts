/** What stands in a text in place of a key. */
const REPLACEMENT = '[API key]';
/** A shorter secret is not looked for: it would hit ordinary words. No provider gives keys that short. */
const SHORTEST_SECRET = 6;

/** Takes a credential's secrets out of what an answer says. */
export interface Redactor {
	text(text: string): string;
	/** Any JSON value, with the names in it. What holds no secret is handed back as it is. */
	json<T>(value: T): T;
}

/**
 * @param secrets as the user typed them. They are also found with other whitespace in them, in any case,
 * percent-encoded, and as base64
 */
export function createRedactor(secrets: readonly string[]): Redactor {
	const forms = secrets
		.map((secret) => secret.replace(/\s+/g, ''))
		.filter((secret) => secret.length >= SHORTEST_SECRET)
		.flatMap((secret) => [secret, encodeURIComponent(secret), base64Of(secret)]);
	// The longest first, so that a whole key goes before its secret part.
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

/** Without its last characters: they depend on what follows the secret. */
function base64Of(secret: string): string {
	return Buffer.from(secret)
		.toString('base64')
		.replace(/.{0,2}=*$/, '');
}

/** The secret's characters with any whitespace between them, as a key that was pasted with a line break has it. */
function patternOf(secret: string): string {
	return [...secret].map((character) => character.replace(/[^\w]/, '\\$&')).join('\\s*');
}
