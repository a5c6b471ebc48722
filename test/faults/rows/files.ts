import type { Endpoint, Service } from '../../../sandbox';
import { modelsWithFile } from '../../support/family';
import { EVERY, NO_VIDEO, SUCCEEDS, type Ending, type FaultRow } from '../faultCase';
import {
	foreignUrl,
	html,
	lostBefore,
	NO_WHOLE_ANSWER,
	refusedForNow,
	SENSELESS,
	status,
	wrongKey,
	type NamedFaults,
} from '../faults';

/** Uploads of files to the provider, and downloads of videos. */
export function fileRows(provider: Service): FaultRow[] {
	return [
		...uploadRows(provider),
		...(provider === 'fal' ? largeUploadRows() : []),
		...downloadRows(provider),
		...hostileVideoRows(provider),
	];
}

/** All files are uploaded before anything is paid for. */
function uploadRows(provider: Service): FaultRow[] {
	const rows = (endpoint: Endpoint, faults: NamedFaults, ending: Ending = SUCCEEDS): FaultRow[] =>
		Object.entries(faults).map(([what, fault]) => ({
			provider,
			endpoint,
			follow: 'poll',
			what,
			fault,
			ending,
			uploads: true,
			operations: modelsWithFile(provider),
			options: provider === 'oxen' ? { imageUpload: 'repository', repository: 'me/images' } : {},
		}));
	const hitches: NamedFaults = {
		'connection reset before the request is accepted': { kind: 'resetBefore' },
		'connection reset after the request is accepted': { kind: 'resetAfter' },
		'500': html(500),
		'502 as HTML': html(502),
		...refusedForNow(provider),
	};
	const refusals: Ending = { end: 'refused', message: /./ };
	return [
		...rows('uploadPut', hitches),
		...rows('uploadPut', { '400': status(provider, 400, 'No'), ...wrongKey(provider) }, refusals),
		...(provider === 'oxen'
			? rows(
					'repoCreate',
					{ 'connection reset before the request is accepted': { kind: 'resetBefore' }, '500': html(500) },
					refusals,
				)
			: [
					...rows('uploadInitiate', { ...lostBefore('fal'), ...NO_WHOLE_ANSWER, ...refusedForNow('fal') }),
					...rows('uploadInitiate', SENSELESS, {
						end: 'refused',
						message: /does not understand/,
					}),
					...rows('uploadInitiate', wrongKey('fal'), { end: 'refused', message: /API key/ }),
					...rows('uploadInitiate', { '422': status('fal', 422, 'The type is refused') }, refusals),
				]),
	];
}

/**
 * A video above 90 MB is uploaded in parts. A failed part is repeated for free, and the job is ordered at most once.
 */
function largeUploadRows(): FaultRow[] {
	const rows = (endpoint: Endpoint, faults: NamedFaults, ending: Ending): FaultRow[] =>
		Object.entries(faults).map(([what, fault]) => ({
			provider: 'fal',
			endpoint,
			follow: 'poll',
			what: `${what}, of a large upload`,
			fault,
			ending,
			uploads: 'large',
			operations: modelsWithFile('fal', 'video'),
		}));
	const hitches: NamedFaults = {
		'connection reset before the request is accepted': { kind: 'resetBefore' },
		'connection reset after the request is accepted': { kind: 'resetAfter' },
		'502 as HTML': html(502),
	};
	return (['uploadPart', 'uploadComplete'] as const).flatMap((endpoint) => [
		...rows(endpoint, hitches, SUCCEEDS),
		...rows(endpoint, { '400': status('fal', 400, 'No') }, { end: 'refused', message: /HTTP 400/ }),
	]);
}

function downloadRows(provider: Service): FaultRow[] {
	const rows = (faults: NamedFaults, ending: Ending, nth?: FaultRow['nth']): FaultRow[] =>
		Object.entries(faults).map(([what, fault]) => ({
			provider,
			endpoint: 'video',
			follow: 'auto',
			what,
			fault,
			nth,
			ending,
			parameters: { downloadVideo: true },
		}));
	const video = { binary: { data: expect.objectContaining({ mimeType: 'video/mp4' }) } };
	const failed: Ending = { end: 'fails', message: /could not be downloaded/ };
	return [
		...rows(
			{
				'connection reset before the first byte': { kind: 'resetBefore' },
				'connection reset instead of the video': { kind: 'resetAfter' },
				'half of the video': { kind: 'truncated' },
				'500': html(500),
				'503': html(503),
				'429': html(429),
				'a slow answer': { kind: 'delay', ms: 800 },
				'a wrong content type': { kind: 'contentType', type: 'text/html' },
			},
			{ end: 'succeeds', output: video },
		),
		...rows(
			{
				'404': { kind: 'notFound' },
				'401 from a host that must not get the key': html(401),
				'403 from a host that must not get the key': html(403),
				'a video of 0 bytes': { kind: 'emptyVideo' },
				'a redirect to a file': { kind: 'redirect', to: 'file:///etc/passwd' },
				'a redirect to an address without a host': { kind: 'redirect', to: 'http://' },
			},
			failed,
		),
		...rows(
			{ 'a redirect to another address': (sandbox) => ({ kind: 'redirect', to: foreignUrl(sandbox) }) },
			failed,
		),
		...rows(
			{ 'a redirect loop': ({ fal }) => ({ kind: 'redirect', to: `${fal.cdnUrl}/files/b/x/x.mp4` }) },
			failed,
			EVERY,
		),
	];
}

/** Untrusted data about the video in an answer. */
function hostileVideoRows(provider: Service): FaultRow[] {
	const endpoint = provider === 'fal' ? 'result' : 'status';
	const common = { provider, endpoint, follow: 'poll', nth: EVERY } as const;
	const urls = {
		'a file: address as the video': 'file:///etc/passwd',
		'a javascript: address as the video': 'javascript:alert(1)',
		'a data: address as the video': 'data:video/mp4;base64,AAAA',
		'an ftp: address as the video': 'ftp://videos.example.com/a.mp4',
		'an invalid address as the video': 'not an address',
	};
	// Oxen returns the address both in the job's row and in its record.
	const besides = (url: string): FaultRow['besides'] =>
		provider === 'oxen' ? [{ endpoint: 'generation', fault: { kind: 'videoUrl', url } }] : undefined;
	const addresses = Object.entries(urls).flatMap(([what, url]) =>
		[false, true].map(
			(downloadVideo): FaultRow => ({
				...common,
				what: `${what}${downloadVideo ? ', with download' : ''}`,
				fault: { kind: 'videoUrl', url },
				besides: besides(url),
				parameters: { downloadVideo },
				ending: { end: 'fails', message: NO_VIDEO },
			}),
		),
	);
	if (provider === 'oxen') return addresses;
	const named = (fileName: string, mimeType = 'video/mp4'): Ending => ({
		end: 'succeeds',
		output: { binary: { data: expect.objectContaining({ fileName, mimeType }) } },
	});
	const downloaded = { ...common, parameters: { downloadVideo: true } };
	return [
		...addresses,
		{
			...downloaded,
			what: 'a file name with path separators',
			fault: { kind: 'fileName', name: '../../etc/passwd' },
			ending: named('passwd.mp4'),
		},
		{
			...downloaded,
			what: 'a file name with backslashes',
			fault: { kind: 'fileName', name: '..\\..\\boot.ini' },
			ending: named('boot.ini.mp4'),
		},
		{
			...downloaded,
			what: 'a file name of 10,000 characters',
			fault: { kind: 'fileName', name: 'x'.repeat(10_000) },
			ending: named(`${'x'.repeat(100)}.mp4`),
		},
		{
			...downloaded,
			what: 'a wrong content type',
			fault: { kind: 'contentType', type: 'text/html' },
			ending: {
				end: 'succeeds',
				output: { binary: { data: expect.objectContaining({ mimeType: 'video/mp4' }) } },
			},
		},
		{
			...common,
			what: 'a result of 100 MB',
			nth: 1,
			fault: { kind: 'huge', megabytes: 100 },
			ending: SUCCEEDS,
		},
	];
}
