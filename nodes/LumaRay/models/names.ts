/** The providers that serve Luma Ray 3.2. The value is what saved workflows hold. */
export type ProviderId = 'fal' | 'oxen';

/** The models of the family, by the operation that orders from them. The value is what saved workflows hold. */
export const MODEL_NAMES = ['animate', 'generate', 'edit', 'reframe'] as const;
export type ModelName = (typeof MODEL_NAMES)[number];
