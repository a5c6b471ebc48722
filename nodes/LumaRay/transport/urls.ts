/** The origin of an http(s) address, or undefined where it is none. */
export function originOf(url: string): string | undefined {
	if (!URL.canParse(url)) return undefined;
	const { protocol, origin } = new URL(url);
	return protocol === 'http:' || protocol === 'https:' ? origin : undefined;
}

/** A base address as the person typed it, without blanks and closing slashes. */
export function trimBase(url: string): string {
	return url.trim().replace(/\/+$/, '');
}

/**
 * Whether an address points into a private network by its very name: loopback, link-local, private ranges,
 * `localhost`, or a name without a dot. Names are not resolved: n8n's own guard does that where it is on.
 */
export function isPrivateAddress(url: string): boolean {
	if (!URL.canParse(url)) return false;
	const host = new URL(url).hostname.toLowerCase().replace(/^\[|\]$/g, '');
	if (host === 'localhost' || host.endsWith('.localhost') || host.endsWith('.internal')) return true;
	if (host.includes(':')) return /^(::1?$|::ffff:|f[cd]|fe[89ab])/.test(host);
	const ip = /^(\d+)\.(\d+)\.\d+\.\d+$/.exec(host);
	if (!ip) return !host.includes('.');
	const [first, second] = [Number(ip[1]), Number(ip[2])];
	return (
		first === 0 ||
		first === 10 ||
		first === 127 ||
		(first === 100 && second >= 64 && second < 128) ||
		(first === 169 && second === 254) ||
		(first === 172 && second >= 16 && second < 32) ||
		(first === 192 && second === 168)
	);
}

/**
 * The address of a video as an answer names it, or undefined where it leads nowhere that a video may come from:
 * it is no http(s) address, or lies in a private network while the provider does not.
 * @param home an address of the provider
 */
export function asVideoUrl(value: unknown, home: string): string | undefined {
	if (typeof value !== 'string' || !originOf(value)) return undefined;
	return isPrivateAddress(value) && !isPrivateAddress(home) ? undefined : value;
}
