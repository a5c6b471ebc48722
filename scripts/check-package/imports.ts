import { readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { filesIn } from './tarball';

/** All modules that are available at run time, in addition to the package's own files. */
const ALLOWED_MODULES = ['n8n-workflow', 'node:crypto'];

/**
 * Finds imports in the built JavaScript that are not available after installation. A devDependency works here and in
 * n8n's own checks, but fails for users.
 * @param folder the unpacked package
 */
export function importProblems(folder: string): string[] {
	return filesIn(folder)
		.filter((file) => file.endsWith('.js'))
		.flatMap((file) => problemsIn(folder, file));
}

function problemsIn(folder: string, file: string): string[] {
	const path = join(folder, file);
	const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
	const problems: string[] = [];
	const report = (node: ts.Node, problem: string) => {
		const { line } = source.getLineAndCharacterOfPosition(node.getStart());
		problems.push(`${file}:${line + 1} ${problem}`);
	};

	const visit = (node: ts.Node): void => {
		const request = requestOf(node);
		if (request === 'dynamic') report(node, `loads a module by a computed name: ${node.getText()}`);
		else if (request !== undefined && !isAvailable(folder, path, request)) report(node, `needs '${request}'`);
		else if (isLooseRequire(node)) report(node, 'passes `require` on, so what it loads cannot be checked');
		ts.forEachChild(node, visit);
	};
	visit(source);
	return problems;
}

/** The module that a node of the syntax tree loads, or 'dynamic' if that is known only at run time. */
function requestOf(node: ts.Node): string | undefined {
	if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
		return node.moduleSpecifier && (node.moduleSpecifier as ts.StringLiteral).text;
	}
	if (!ts.isCallExpression(node)) return undefined;
	const { expression, arguments: args } = node;
	if (expression.kind !== ts.SyntaxKind.ImportKeyword && !isRequire(expression)) return undefined;
	return args.length === 1 && ts.isStringLiteral(args[0]) ? args[0].text : 'dynamic';
}

/** A `require` that is not called directly, because an alias of it could load anything. */
function isLooseRequire(node: ts.Node): boolean {
	if (!isRequire(node)) return false;
	return !(ts.isCallExpression(node.parent) && node.parent.expression === node);
}

function isRequire(node: ts.Node): boolean {
	return ts.isIdentifier(node) && node.text === 'require';
}

function isAvailable(folder: string, importer: string, request: string): boolean {
	if (!request.startsWith('.')) return ALLOWED_MODULES.includes(request);
	const target = join(dirname(importer), request);
	if (relative(folder, target).startsWith('..')) return false;
	return ['', '.js', '/index.js'].some((ending) =>
		statSync(target + ending, { throwIfNoEntry: false })?.isFile(),
	);
}
