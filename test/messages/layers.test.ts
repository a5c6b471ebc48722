import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/**
 * Layers below `resources/` contain no messages: a problem has a name and data. Within `resources/`, only `messages/`
 * contains error messages.
 */

const PRODUCT = join(__dirname, '..', '..', 'nodes', 'LumaRay');
/** Text for a provider or for developers, not for users. */
const ALLOWED = [
	// The commit message of an upload to a repository at Oxen.
	'Add a file for Luma Ray',
];

function filesIn(layer: string): string[] {
	return readdirSync(join(PRODUCT, layer), { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith('.ts'))
		.map((name) => join(layer, name));
}

function parse(file: string): ts.SourceFile {
	return ts.createSourceFile(file, readFileSync(join(PRODUCT, file), 'utf8'), ts.ScriptTarget.Latest, true);
}

/** Strings that begin like a sentence and have at least four words. An inserted value counts as one word. */
function sentencesIn(source: ts.SourceFile): string[] {
	const found: string[] = [];
	const visit = (node: ts.Node): void => {
		if (ts.isStringLiteralLike(node)) found.push(node.text);
		if (ts.isTemplateExpression(node)) {
			found.push([node.head.text, ...node.templateSpans.map(({ literal }) => `X${literal.text}`)].join(''));
		}
		ts.forEachChild(node, visit);
	};
	visit(source);
	return found.filter(
		(text) => /^\p{Lu}/u.test(text) && (text.match(/\p{L}[\p{L}'’-]*(?=\s|[.,;:!?)]|$)/gu) ?? []).length >= 4,
	);
}

/** The description of a parameter is in its row, so that a new parameter needs only one row. */
const ROWS = join('models', 'parameters.ts');
const BELOW = ['jobs', 'models', 'providers', 'transport'].flatMap(filesIn).filter((file) => file !== ROWS);

test.each(BELOW)('%s contains no sentence for users', (file) => {
	expect(sentencesIn(parse(file)).filter((text) => !ALLOWED.includes(text))).toEqual([]);
});

/** Strings of three or more words in code that creates an error. */
function errorTextsIn(source: ts.SourceFile): string[] {
	const found: string[] = [];
	const visit = (node: ts.Node): void => {
		const isError =
			(ts.isNewExpression(node) || ts.isCallExpression(node)) &&
			/^(itemError|Node(Operation|Api)Error)$/.test(node.expression.getText());
		const texts = isError ? node.getText().match(/(['"`])(?:(?!\1).)*\1/gs) : null;
		found.push(...(texts ?? []).filter((text) => /\p{L}+ \p{L}+ \p{L}+/u.test(text)));
		ts.forEachChild(node, visit);
	};
	visit(source);
	return found;
}

test.each(filesIn('resources'))('%s contains no error message', (file) => {
	expect(errorTextsIn(parse(file))).toEqual([]);
});

test('the check finds sentences and error messages', () => {
	const source = (text: string) => ts.createSourceFile('a.ts', text, ts.ScriptTarget.Latest, true);
	expect(sentencesIn(source("const a = 'The job was cancelled';"))).toEqual(['The job was cancelled']);
	expect(sentencesIn(source('const a = `${name} may have accepted the job: ${why}`;'))).toHaveLength(1);
	expect(sentencesIn(source("const a = 'X-Fal-Queue-Priority'; // The job was cancelled"))).toEqual([]);
	expect(errorTextsIn(source("throw itemError(context, 0, 'No such file is there');"))).toHaveLength(1);
});

test.each(filesIn('models'))('%s imports only files of its own layer', (file) => {
	const imports = parse(file).statements.filter(ts.isImportDeclaration);
	const requests = imports.map(({ moduleSpecifier }) => (moduleSpecifier as ts.StringLiteral).text);
	expect(requests.filter((request) => !request.startsWith('./'))).toEqual([]);
});
