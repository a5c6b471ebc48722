import type { Contender } from './contender';

/** The contenders and their names in tables and charts. */
export const CONTENDERS = {
	nodeStream: 'Luma Ray node, stream',
	nodePoll: 'Luma Ray node, polling',
	falPoll: 'fal.subscribe, default',
	falStream: 'fal.subscribe, streaming',
	httpLoop: 'HTTP Request + Wait + IF',
} as const;

export type ContenderName = keyof typeof CONTENDERS;

/** Loads the code of only one contender. */
export async function loadContender(name: ContenderName): Promise<Contender> {
	switch (name) {
		case 'nodeStream':
			return (await import('./lumaRay')).lumaRay('auto');
		case 'nodePoll':
			return (await import('./lumaRay')).lumaRay('poll');
		case 'falPoll':
			return (await import('./falClient')).falClient('polling');
		case 'falStream':
			return (await import('./falClient')).falClient('streaming');
		case 'httpLoop':
			return (await import('./httpLoop')).httpLoop;
	}
}
