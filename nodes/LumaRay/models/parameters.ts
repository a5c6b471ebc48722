import type { Controls } from './controls';
import type { FileKind, FileSource, StoredFile } from './files';
import type { Keyframe } from './keyframes';

/**
 * All parameters of the family, one row each, in the order of the form. The provider's catalogue says which models take
 * a parameter, the provider's name for it, and the values that are allowed. Everything else is derived from both.
 */
export const PARAMETERS = {
	videoUrl: {
		label: 'Video URL',
		kind: 'file',
		file: 'video',
		placeholder: 'e.g. https://example.com/tiger.mp4',
		description: 'URL of the source video. The provider must be able to download it without signing in.',
		sourceDescription: 'Where to get the source video',
	},
	frames: {
		label: 'Frames',
		kind: 'option',
		default: 'first',
		choices: {
			first: { name: 'First Frame', description: 'The video starts with your image' },
			firstAndLast: {
				name: 'First and Last Frame',
				description: 'The video starts with one image and ends with another',
			},
			keyframes: {
				name: 'Keyframes',
				description: 'The video shows your images at the times that you set',
			},
		},
		description: 'Which frames of the video you provide as images',
	},
	imageUrl: {
		label: 'Image URL',
		kind: 'file',
		file: 'image',
		placeholder: 'e.g. https://example.com/tiger.png',
		description:
			'URL of the image that the video starts with. The provider must be able to download it without signing in.',
		sourceDescription: 'Where to get the image that the video starts with',
	},
	endImageUrl: {
		label: 'End Image URL',
		kind: 'file',
		file: 'image',
		placeholder: 'e.g. https://example.com/tiger-asleep.png',
		description:
			'URL of the image that the video ends with. The provider must be able to download it without signing in.',
		sourceDescription: 'Where to get the image that the video ends with',
	},
	keyframes: {
		label: 'Keyframes',
		kind: 'keyframes',
		button: 'Add keyframe',
		placeholder: 'e.g. https://example.com/tiger.png',
		description:
			'Images to show at specific times in the video. You can also use an expression that returns the whole list: [{ imageUrl, seconds }].',
	},
	prompt: {
		label: 'Prompt',
		kind: 'text',
		placeholder: 'e.g. Slow push-in while her hair moves in the wind',
		description: 'How the subject and the camera move in the video',
	},
	aspectRatio: {
		label: 'Aspect Ratio',
		kind: 'option',
		default: '16:9',
		description: 'Ratio of the width to the height of the video',
	},
	resolution: {
		label: 'Resolution',
		kind: 'option',
		default: '540p',
		description: 'Resolution of the video. The number is the length of its shorter side in pixels.',
	},
	duration: { label: 'Duration', kind: 'option', default: '5s', description: 'Length of the video' },
	loop: {
		label: 'Loop',
		kind: 'flag',
		description: 'Whether the video loops seamlessly. Only 5-second videos can loop.',
	},
	editStrength: {
		label: 'Edit Strength',
		kind: 'option',
		default: 'auto',
		description: 'How much the new video may differ from the source video',
	},
	controls: {
		label: 'Controls',
		kind: 'controls',
		description: 'What to keep from the source video',
	},
	referenceImageUrls: {
		label: 'Reference Image URLs',
		kind: 'files',
		button: 'Add reference image',
		placeholder: 'e.g. https://example.com/style.png',
		description:
			'URLs of images that guide the look of the video. You can also use an expression that returns a list.',
		fromFields: {
			name: 'referenceImageFields',
			label: 'Reference Image Fields',
			placeholder: 'e.g. style, palette',
			description:
				'The names of the input fields containing more reference images as binary data. Separate multiple names with commas.',
		},
	},
	hdr: {
		label: 'HDR',
		kind: 'flag',
		place: 'options',
		description: 'Whether to generate the video in high dynamic range. Your account needs access to HDR.',
	},
	exrExport: {
		label: 'EXR Export',
		kind: 'flag',
		place: 'options',
		description: 'Whether to also return the frames as an EXR file',
	},
} as const satisfies { [parameter: string]: ParameterRow };

/** An option that belongs to a parameter. */
interface OptionRow {
	name: string;
	label: string;
	placeholder: string;
	description: string;
}

/** A choice as the form shows it. */
interface ChoiceRow {
	name: string;
	description: string;
}

/** `place`: the parameter is one of the options, not a field of the form. */
type ParameterRow = { label: string; description: string; place?: 'options' } & (
	| { kind: 'text'; placeholder: string }
	/** `sourceDescription`: for the field that chooses between an address and binary data. */
	| { kind: 'file'; file: FileKind; placeholder: string; sourceDescription: string }
	/** `button`: the text of the button that adds an entry. */
	| { kind: 'keyframes'; button: string; placeholder: string }
	/** `fromFields`: the option for binary fields with more files. */
	| { kind: 'files'; button: string; placeholder: string; fromFields: OptionRow }
	/** `choices`: only those whose name differs from their value. */
	| { kind: 'option'; default: string; choices?: { [value: string]: ChoiceRow } }
	| { kind: 'flag' }
	| { kind: 'controls' }
);

export type ParameterName = keyof typeof PARAMETERS;
/** Whether a parameter is one of the options. */
export function isOption(name: string): boolean {
	return Object.hasOwn(PARAMETERS, name) && 'place' in PARAMETERS[name as ParameterName];
}
/** Whether this is the name of a parameter that accepts files of the workflow. */
export function isFileParameter(name: string): boolean {
	const takesFiles = ['file', 'files', 'keyframes'];
	return Object.hasOwn(PARAMETERS, name) && takesFiles.includes(PARAMETERS[name as ParameterName].kind);
}
/** The choices of a parameter whose name differs from their value. */
export function choicesOf(name: ParameterName): { readonly [value: string]: ChoiceRow } {
	const row: ParameterRow = PARAMETERS[name];
	return row.kind === 'option' ? (row.choices ?? {}) : {};
}
export const PARAMETER_NAMES = Object.keys(PARAMETERS) as ParameterName[];
/** The parameters of this kind. */
export type ParameterOfKind<Kind extends ParameterRow['kind']> = {
	[Name in ParameterName]: (typeof PARAMETERS)[Name]['kind'] extends Kind ? Name : never;
}[ParameterName];

interface ValueOfKind<File> {
	text: string;
	file: string | File;
	files: Array<string | File>;
	keyframes: Array<Keyframe<File>>;
	option: string;
	flag: boolean;
	controls: Controls;
}

/**
 * The input for a model, keyed by the names of the form. A parameter that is absent is not sent. A file is an address
 * or a `File`.
 */
export type Input<File = FileSource> = {
	[Name in ParameterName]?: ValueOfKind<File>[(typeof PARAMETERS)[Name]['kind']];
};

/** A copy of the input with each file of the workflow replaced. */
export function replaceFiles<From extends StoredFile, To>(
	input: Input<From>,
	replacement: (file: From) => To,
): Input<To> {
	const replaced = (value: unknown): unknown => {
		if (Array.isArray(value)) return value.map(replaced);
		if (typeof value !== 'object' || value === null) return value;
		if ('identity' in value) return replacement(value as From);
		return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, replaced(part)]));
	};
	return replaced(input) as Input<To>;
}

/** The files of the workflow in an input. */
export function filesIn<File extends StoredFile>(input: Input<File>): File[] {
	const files: File[] = [];
	replaceFiles(input, (file) => files.push(file));
	return files;
}
