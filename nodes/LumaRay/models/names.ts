/** The providers that serve Luma Ray 3.2. The value is what saved workflows hold. */
export type ProviderId = 'fal' | 'oxen';

/** The models of the family, by the operation that orders from them. The value is what saved workflows hold. */
export type ModelName = 'animate';

/** The model of operations that do not let the user choose one. */
export const DEFAULT_MODEL: ModelName = 'animate';
