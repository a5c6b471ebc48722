const { src, dest } = require('gulp');

/** Copies the icons beside the compiled node: tsc leaves everything that is no TypeScript behind. */
function icons() {
	return src(['nodes/**/*.{png,svg}', 'nodes/**/*.node.json'], { encoding: false, base: '.' }).pipe(dest(process.env.BUILD_FOLDER ?? 'dist'));
}

exports['build:icons'] = icons;
