/** The providers of Luma Ray 3.2. Saved workflows contain these values. */
export type ProviderId = 'fal' | 'oxen';

/** The models of the family, named after their operations. Saved workflows contain these values. */
export const MODEL_NAMES = ['animate', 'generate', 'edit', 'reframe'] as const;
export type ModelName = (typeof MODEL_NAMES)[number];
