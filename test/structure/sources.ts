import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

import ts from 'typescript';

/** A TypeScript file of the repository. Paths are relative to the repository and use `/`. */
export interface Source {
	path: string;
	/** Paths of the repository's files that it imports, including imports of types only. */
	files: string[];
	/** Packages and built-in modules that it imports, by the names in the imports. */
	packages: string[];
	functions: Array<{ name: string; line: number; lines: number }>;
}

/** Also matches `dist-fal`, a single-provider package. */
const LEFT_OUT = /^(node_modules|dist(-.+)?)$/;

/**
 * Reads the text of every TypeScript file of a repository.
 * @returns the texts by path; hidden folders, packages and builds are left out
 */
export function readTexts(repository: string, folder = ''): Map<string, string> {
	const texts = new Map<string, string>();
	for (const entry of readdirSync(join(repository, folder), { withFileTypes: true })) {
		const path = posix.join(folder, entry.name);
		if (entry.isDirectory() && !entry.name.startsWith('.') && !LEFT_OUT.test(entry.name)) {
			for (const [inner, text] of readTexts(repository, path)) texts.set(inner, text);
		}
		if (entry.isFile() && path.endsWith('.ts')) texts.set(path, readFileSync(join(repository, path), 'utf8'));
	}
	return texts;
}

/** Parses the files of a repository, given as their texts by path. */
export function parseSources(texts: ReadonlyMap<string, string>): Source[] {
	return [...texts].map(([path, text]) => {
		const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
		const source: Source = { path, files: [], packages: [], functions: [] };
		const visit = (node: ts.Node): void => {
			const specifier = specifierOf(node);
			if (specifier?.startsWith('.')) source.files.push(resolve(path, specifier, texts));
			else if (specifier !== undefined) source.packages.push(specifier);
			if (ts.isFunctionLike(node) && 'body' in node && node.body) source.functions.push(extentOf(node, file));
			ts.forEachChild(node, visit);
		};
		visit(file);
		return source;
	});
}

/** The module that a node of the syntax tree imports, in any of TypeScript's import forms. */
function specifierOf(node: ts.Node): string | undefined {
	let named: ts.Node | undefined;
	if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) named = node.moduleSpecifier;
	else if (ts.isExternalModuleReference(node)) named = node.expression;
	else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) named = node.argument.literal;
	else if (ts.isCallExpression(node) && isImportCall(node)) named = node.arguments[0];
	return named && ts.isStringLiteralLike(named) ? named.text : undefined;
}

function isImportCall({ expression }: ts.CallExpression): boolean {
	return (
		expression.kind === ts.SyntaxKind.ImportKeyword ||
		(ts.isIdentifier(expression) && expression.text === 'require')
	);
}

/** The file that a relative import refers to. For a file that is not TypeScript, this is the path in the import. */
function resolve(importer: string, specifier: string, texts: ReadonlyMap<string, string>): string {
	const path = posix.join(posix.dirname(importer), specifier);
	const candidates = [path, `${path}.ts`, posix.join(path, 'index.ts')];
	return candidates.find((candidate) => texts.has(candidate)) ?? path;
}

/** The location and length of a function in lines, from its first word to its last brace. */
function extentOf(node: ts.SignatureDeclaration, file: ts.SourceFile): Source['functions'][number] {
	const lineAt = (position: number) => file.getLineAndCharacterOfPosition(position).line + 1;
	const line = lineAt(node.getStart(file));
	const named = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined);
	return { name: named?.getText(file) ?? 'a function', line, lines: lineAt(node.getEnd()) - line + 1 };
}
