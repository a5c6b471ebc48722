import type { WireForm } from '../models/catalogue';
import { controlsOnWire, type Controls } from '../models/controls';

/** Parameters that both providers do not accept as a single field. */

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

/** A parameter that is not sent: it has only one value, and the provider always behaves that way. */
export const NOT_SENT: WireForm = { names: [], write: () => ({}) };

/** `source` is not sent: without a duration, the new video is as long as its source. */
export const DURATION_OR_SOURCE: WireForm = {
	names: ['duration'],
	write: (duration: string) => (duration === 'source' ? {} : { duration }),
};
