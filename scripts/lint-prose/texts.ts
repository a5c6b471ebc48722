import ts from 'typescript';

/** A piece of prose in a file. */
export interface Text {
	/** 1 for the first line of the file. */
	line: number;
	text: string;
}

/** Strings shorter than this many words are names and values, not prose. */
const PROSE_WORDS = 4;

/** The prose of a Markdown page: all but its code. */
export function markdownTexts(source: string): Text[] {
	const withoutCode = source
		.replace(/^```[\s\S]*?^```/gm, (block) => block.replace(/[^\n]/g, ''))
		.replace(/`[^`\n]*`/g, '`…`');
	return withoutCode.split('\n').flatMap((text, place) => (text.trim() ? [{ line: place + 1, text }] : []));
}

/** The prose of a TypeScript file: its comments, and the strings that hold a sentence. */
export function typescriptTexts(source: string, fileName: string): Text[] {
	const file = ts.createSourceFile(fileName, source, ts.ScriptTarget.Latest, true);
	const texts: Text[] = [];
	const add = (position: number, text: string) =>
		texts.push({
			line: file.getLineAndCharacterOfPosition(position).line + 1,
			text: text.replace(/\s+/g, ' '),
		});
	for (const [start, comment] of commentsIn(file, source)) add(start, comment);
	const visit = (node: ts.Node): void => {
		if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) {
			const text = ts.isStringLiteralLike(node) ? node.text : templateText(node);
			if (text.trim().split(/\s+/).length >= PROSE_WORDS) add(node.getStart(file), text);
		}
		ts.forEachChild(node, visit);
	};
	visit(file);
	return texts;
}

function templateText({ head, templateSpans }: ts.TemplateExpression): string {
	return [head.text, ...templateSpans.map(({ literal }) => literal.text)].join('…');
}

/** Every comment with its position; `//` lines that follow each other are one. */
function commentsIn(file: ts.SourceFile, source: string): Array<[number, string]> {
	const ranges = new Map<number, number>();
	const collect = (node: ts.Node): void => {
		const around = [
			...(ts.getLeadingCommentRanges(source, node.getFullStart()) ?? []),
			...(ts.getTrailingCommentRanges(source, node.getEnd()) ?? []),
		];
		for (const { pos, end } of around) ranges.set(pos, end);
		node.getChildren(file).forEach(collect);
	};
	collect(file);
	const comments: Array<[number, string]> = [];
	let endOfLast = -1;
	for (const [pos, end] of [...ranges].sort(([one], [other]) => one - other)) {
		const text = plainComment(source.slice(pos, end));
		const goesOn = source.slice(pos, pos + 2) === '//' && /^\s*$/.test(source.slice(endOfLast, pos));
		if (goesOn && comments.length > 0) comments[comments.length - 1][1] += ` ${text}`;
		else comments.push([pos, text]);
		endOfLast = end;
	}
	return comments;
}

function plainComment(comment: string): string {
	return comment
		.replace(/^\/\*\*?|\*\/$/g, '')
		.replace(/^\s*(?:\*|\/\/) ?/gm, '')
		.replace(/`[^`]*`/g, '`…`');
}
