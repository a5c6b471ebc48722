/**
 * What the package does not survive yet. Each gap keeps its draws and guards out of the stories: close a gap by setting
 * it to false together with the change of the package that closes it.
 */
export const GAPS = {
	/** A provider that takes, or names, fewer generations than it was asked for: the item must say so. */
	missingGenerations: true,
	/** A list that shows the prompt alone: a job of another item that has the same prompt is taken for the lost one. */
	unprovenInput: true,
	/** The clock of the machine is set back or forward. */
	clockJumps: true,
	/** A run that n8n continues under another run index. */
	otherRunIndex: true,
	/** Each try of a tool call has a run index of its own, and parallel calls share one. */
	toolCalls: true,
};
