import type { VideoFacts } from '../mp4';
import { SAMPLE_RATIOS } from '../samples';
import { isGiven, underFalNames, type Input, type Model } from './model';
import type { Clip } from './prices';

/**
 * The clip that an input asks for. Invalid values are treated as missing.
 * @param source the properties of the source video, if the runner could read it
 * @param unknownSourceSeconds the assumed length of the source otherwise
 */
export function clipOf(
	model: Model,
	input: Input,
	source: VideoFacts | undefined,
	unknownSourceSeconds: number,
): Clip {
	const { aspect_ratio, resolution, duration, hdr, exr_export } = underFalNames(model, input);
	const chosen = (name: string, given: unknown, fallback: string) => {
		const parameter = model.parameters.find((one) => one.name === name);
		if (parameter?.options?.includes(given as string)) return given as string;
		return (parameter?.default as string | undefined) ?? fallback;
	};
	const takesRatio = model.parameters.some(({ name }) => name === 'aspect_ratio');
	const sourceSeconds = source?.seconds ?? unknownSourceSeconds;
	const isAsLongAsSource = model.operation === 'reframe' && !isGiven(duration);
	return {
		aspectRatio: takesRatio ? chosen('aspect_ratio', aspect_ratio, '16:9') : ratioOf(source),
		resolution: chosen('resolution', resolution, '540p'),
		seconds: isAsLongAsSource ? sourceSeconds : parseInt(chosen('duration', duration, '5s')),
		hdr: hdr === true,
		exr: exr_export === true,
	};
}

/** The ratio of the sample that is closest to the ratio of the source. */
function ratioOf(source: VideoFacts | undefined): string {
	if (!source) return '16:9';
	const distance = (ratio: string) => {
		const [across, down] = ratio.split(':').map(Number);
		return Math.abs(Math.log((source.width * down) / (source.height * across)));
	};
	return SAMPLE_RATIOS.reduce((best, ratio) => (distance(ratio) < distance(best) ? ratio : best));
}
