/** The origin of an http(s) address; undefined for any other text. */
export function originOf(url: string): string | undefined {
	if (!URL.canParse(url)) return undefined;
	const { protocol, origin } = new URL(url);
	return protocol === 'http:' || protocol === 'https:' ? origin : undefined;
}

/** A base address that the user typed, without surrounding spaces and closing slashes. */
export function trimBase(url: string): string {
	return url.trim().replace(/\/+$/, '');
}

/**
 * Names that are never public: special-use names (RFC 6761, 6762, 8375), common names in private networks (RFC 6762,
 * appendix G), and `localdomain`, which is in many hosts files.
 */
const PRIVATE_NAMES = [
	'localhost',
	'localdomain',
	'local',
	'internal',
	'home.arpa',
	'intranet',
	'private',
	'corp',
	'home',
	'lan',
];

/** Networks that are not globally reachable (IANA IPv4 Special-Purpose Address Registry), and multicast. */
const PRIVATE_V4: ReadonlyArray<[network: string, bits: number]> = [
	['0.0.0.0', 8],
	['10.0.0.0', 8],
	['100.64.0.0', 10],
	['127.0.0.0', 8],
	['169.254.0.0', 16],
	['172.16.0.0', 12],
	['192.0.0.0', 24],
	['192.0.2.0', 24],
	['192.88.99.0', 24],
	['192.168.0.0', 16],
	['198.18.0.0', 15],
	['198.51.100.0', 24],
	['203.0.113.0', 24],
	['224.0.0.0', 4],
	['240.0.0.0', 4],
];

/** Global unicast (RFC 4291). Other addresses are local, multicast, mapped, compatible, NAT64 or unassigned. */
const GLOBAL_V6: [network: string, bits: number] = ['2000::', 3];
/** Networks in it that are not globally reachable (IANA IPv6 Special-Purpose Address Registry), and 6to4. */
const PRIVATE_V6: ReadonlyArray<[network: string, bits: number]> = [
	['2001::', 23],
	['2001:db8::', 32],
	['2002::', 16],
	['3fff::', 20],
];

/**
 * Whether the host of an address shows that it is in a private or reserved network. Names are not resolved: n8n's own
 * guard does that if it is on. IPv4 as octal, hex or one number is recognized, because `URL` normalizes it.
 */
export function isPrivateAddress(url: string): boolean {
	if (!URL.canParse(url)) return false;
	const host = new URL(url).hostname.toLowerCase().replace(/\.+$/, '');
	if (host.startsWith('[')) {
		const address = numberOfV6(host.slice(1, -1));
		const isIn = ([network, bits]: [string, number]) => sameNetwork(address, numberOfV6(network), bits, 128);
		return !isIn(GLOBAL_V6) || PRIVATE_V6.some(isIn);
	}
	if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) {
		const address = numberOfV4(host);
		return PRIVATE_V4.some(([network, bits]) => sameNetwork(address, numberOfV4(network), bits, 32));
	}
	return !host.includes('.') || PRIVATE_NAMES.some((name) => host.endsWith(`.${name}`));
}

function numberOfV4(address: string): bigint {
	return address.split('.').reduce((number, part) => (number << 8n) + BigInt(part), 0n);
}

/** @param address as `URL` writes it: groups of hex digits, with at most one `::` */
function numberOfV6(address: string): bigint {
	const [head, tail] = address.split('::').map((half) => (half === '' ? [] : half.split(':')));
	const gap = tail === undefined ? [] : Array.from({ length: 8 - head.length - tail.length }, () => '0');
	const groups = [...head, ...gap, ...(tail ?? [])];
	return groups.reduce((number, group) => (number << 16n) + BigInt(`0x${group}`), 0n);
}

function sameNetwork(one: bigint, other: bigint, bits: number, length: number): boolean {
	const rest = BigInt(length - bits);
	return one >> rest === other >> rest;
}

/**
 * Checks whether an address from an answer may be requested: a video, the target of a redirect, the address of an
 * upload. Every such address must pass this check.
 * @param home an address of the provider from the credential. If it is private (a sandbox, a gateway), the addresses in
 * its answers may be private too
 * @returns the address; undefined if it is not an http(s) address, or if a public provider names a private one
 */
export function asVideoUrl(value: unknown, home: string): string | undefined {
	if (typeof value !== 'string' || !originOf(value)) return undefined;
	return isPrivateAddress(value) && !isPrivateAddress(home) ? undefined : value;
}
