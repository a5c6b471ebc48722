/**
 * What an edit can keep from its source, one row each: the switch, and an amount for how closely the video follows it.
 * Shares are from 0 to 1, as in Luma's own SDK (fal's API: controls).
 */
export const CONTROLS = {
	depth: { label: 'Depth', amount: { name: 'depthBlur', label: 'Depth Blur', wire: 'blur' } },
	face: { label: 'Face' },
	normals: {
		label: 'Normals',
		amount: { name: 'normalsAugmentation', label: 'Normals Augmentation', wire: 'augmentation' },
	},
	pose: {
		label: 'Pose',
		amount: {
			name: 'poseStrength',
			label: 'Pose Strength',
			wire: 'strength',
			options: ['precise', 'coarse'],
		},
	},
	trajectory: {
		label: 'Trajectory',
		amount: { name: 'trajectorySparsity', label: 'Trajectory Sparsity', wire: 'sparsity' },
	},
} as const satisfies { [control: string]: ControlRow };

interface ControlRow {
	label: string;
	/** Without `options`, the amount is a share. */
	amount?: { name: string; label: string; wire: string; options?: readonly string[] };
}

export const CONTROL_ROWS: ReadonlyArray<ControlRow & { name: string }> = Object.entries(CONTROLS).map(
	([name, row]) => ({ name, ...row }),
);

/** The controls that are on, keyed by the names of the form. */
export interface Controls {
	[name: string]: boolean | number | string;
}

/** Controls in the form that both providers use: each control that is on, with its amount. */
export function controlsOnWire(controls: Controls): { [control: string]: object } {
	return Object.fromEntries(
		CONTROL_ROWS.filter(({ name }) => controls[name] === true).map(({ name, amount }) => {
			const value = amount && controls[amount.name];
			return [name, { enabled: true, ...(amount && value !== undefined ? { [amount.wire]: value } : {}) }];
		}),
	);
}

/** Why controls cannot be sent: the field, its value, and what it must be. */
export interface BadControl {
	label: string;
	value: unknown;
	must: 'flag' | 'share' | readonly string[];
}

/**
 * Checks the controls of a form.
 * @returns the controls that are on, with their amounts
 */
export function checkControls(raw: { [name: string]: unknown }): Controls | BadControl {
	const controls: Controls = {};
	for (const { name, label, amount } of CONTROL_ROWS) {
		const value = raw[name] ?? false;
		const isOn = value === 'true' ? true : value === 'false' ? false : value;
		if (typeof isOn !== 'boolean') return { label, value, must: 'flag' };
		if (!isOn) continue;
		controls[name] = true;
		const given = amount && raw[amount.name];
		if (!amount || given === undefined || given === null) continue;
		const known = amount.options ? amount.options.find((one) => one === given) : shareOf(given);
		if (known === undefined) return { label: amount.label, value: given, must: amount.options ?? 'share' };
		controls[amount.name] = known;
	}
	return controls;
}

export function isBadControl(checked: Controls | BadControl): checked is BadControl {
	return typeof checked.label === 'string' && 'must' in checked;
}

function shareOf(value: unknown): number | undefined {
	const share = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	return typeof share === 'number' && share >= 0 && share <= 1 ? share : undefined;
}
