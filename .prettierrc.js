module.exports = { semi: true, trailingComma: 'all', bracketSpacing: true, useTabs: true, tabWidth: 2, arrowParens: 'always', singleQuote: true, endOfLine: 'lf', printWidth: 110 };
