const { src, dest } = require('gulp');

/** Copies the icons next to the compiled node, because tsc copies only TypeScript. */
function icons() {
	return src(['nodes/**/*.{png,svg}', 'nodes/**/*.node.json'], { encoding: false, base: '.' }).pipe(dest(process.env.BUILD_FOLDER ?? 'dist'));
}

exports['build:icons'] = icons;
