import type { WireForm } from '../models/catalogue';
import { controlsOnWire, type Controls } from '../models/controls';

/** Parameters that both providers take in another form than one field with the value. */

/** Automatic strength is a separate flag. With controls, no strength is sent. */
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

/** A parameter that is not sent: the provider has no such input and always does what its one value says. */
export const NOT_SENT: WireForm = { names: [], write: () => ({}) };

/** `source` is not sent: without a duration, the new video is as long as its source. */
export const DURATION_OR_SOURCE: WireForm = {
	names: ['duration'],
	write: (duration: string) => (duration === 'source' ? {} : { duration }),
};
