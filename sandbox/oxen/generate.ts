import type { FastifyInstance } from 'fastify';
import { sampleVideo } from '../samples';
import { jsonBodyOf } from '../server';
import type { OxenContext } from './context';
import { refusal } from './manners';
import { modelError, resultUrl, seconds } from './rows';
import { acceptJob } from './submission';

/** /api/ai/videos/generate (Oxen docs: video generation): answers when the video is ready. */
export function serveGenerate(app: FastifyInstance, context: OxenContext): void {
	const { catalogue, clock } = context;
	app.post('/api/ai/videos/generate', { config: { endpoint: 'run' } }, async (request, reply) => {
		const input = jsonBodyOf(request);
		const model = catalogue.find('oxen', input.model);
		if (!model) return refusal(reply, 400, `Model not found: ${String(input.model)}`);
		const problems = catalogue.problemsOf(model, input);
		if (problems.length > 0) return refusal(reply, 400, modelError(problems));

		const job = acceptJob(request, context, 'run', model);
		await clock.ended(job);
		if (job.failure) return refusal(reply, job.failure.status, job.failure.message);
		if (job.status === 'cancelled') return refusal(reply, 400, 'Generation was cancelled');
		// Inline videos are never padded, because they would have to be in memory as a whole.
		const video =
			input.response_format === 'b64_json'
				? { b64_json: sampleVideo(catalogue.clipOf(job)).toString('base64') }
				: { url: resultUrl(job, context) };
		return { model: model.id, created: seconds(job.acceptedAt), videos: [video] };
	});
}
