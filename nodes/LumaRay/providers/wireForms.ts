import type { WireForm } from '../models/catalogue';
import { controlsOnWire, type Controls } from '../models/controls';

/** Values that both providers write in another way than by a name of theirs. */

/** Automatic strength is a flag of its own, and with controls there is none. */
export const EDIT_STRENGTH: WireForm = {
	names: ['edit_strength', 'auto_controls'],
	write(strength: string) {
		if (strength === 'auto') return { auto_controls: true };
		return strength === 'controls' ? {} : { edit_strength: strength };
	},
};

export const CONTROLS_FORM: WireForm = {
	names: ['controls'],
	write: (controls: Controls) => ({ controls: controlsOnWire(controls) }),
};

/** A value that is not sent: the provider has no such input, and does just that. */
export const NOT_SENT: WireForm = { names: [], write: () => ({}) };

/** `source`: as long as the source, which is what leaving it out means. */
export const DURATION_OR_SOURCE: WireForm = {
	names: ['duration'],
	write: (duration: string) => (duration === 'source' ? {} : { duration }),
};
