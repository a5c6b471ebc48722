/**
 * The value of a resource locator in any mode. Workflows that a program wrote, and expressions for the whole field,
 * contain only the value.
 */
export function locatedValue(value: unknown): unknown {
	const isLocator = typeof value === 'object' && value !== null && 'mode' in value && 'value' in value;
	return isLocator ? value.value : value;
}
