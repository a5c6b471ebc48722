import { animate } from './animate';
import { edit } from './edit';
import { generate } from './generate';
import { reframe } from './reframe';
import type { VideoOperation } from './videoOperation';

/** The operations that order videos, in the order of the form. */
export const videoOperations: readonly VideoOperation[] = [animate, generate, edit, reframe];
