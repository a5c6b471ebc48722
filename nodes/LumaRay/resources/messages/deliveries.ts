import type { VerificationFailure } from '../../providers/entry';

/** The answer to a delivery that does not wake an execution, by the reason. */
export const REFUSED_DELIVERIES: {
	[why in VerificationFailure | 'unexpected' | 'waking']: [httpStatus: number, message: string];
} = {
	unsigned: [401, 'The delivery is not signed'],
	stale: [401, 'The delivery is too old'],
	misfit: [401, 'The signature does not match the delivery'],
	noKeys: [503, "fal.ai's keys could not be read"],
	unexpected: [404, 'This execution does not expect a delivery'],
	waking: [409, 'Another delivery is already waking this execution'],
};
