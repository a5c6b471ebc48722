/**
 * What a resource locator holds, in whatever mode. Workflows that a program wrote, and expressions for the whole field,
 * hold the bare value.
 */
export function locatedValue(value: unknown): unknown {
	const isLocator = typeof value === 'object' && value !== null && 'mode' in value && 'value' in value;
	return isLocator ? value.value : value;
}
