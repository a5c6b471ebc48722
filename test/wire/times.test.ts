import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const LIST = join(__dirname, '../../nodes/LumaRay/providers/fal/list.ts');

test.each([
	'2026-11-21T10:00:00.123456',
	'2026-11-21T10:00:00.123Z',
	'2026-11-21T12:00:00.123+02:00',
	'2026-11-21 10:00:00.123',
])('reads fal’s time %s as UTC in any time zone', (text) => {
	const program = `console.log(require(${JSON.stringify(LIST)}).timeOf(${JSON.stringify(text)}))`;
	for (const TZ of ['America/New_York', 'UTC', 'Asia/Tokyo']) {
		const printed = execFileSync(process.execPath, ['--require', 'tsx/cjs', '--eval', program], {
			env: { ...process.env, TZ },
			encoding: 'utf8',
		});
		expect(Number(printed)).toBe(Date.UTC(2026, 10, 21, 10, 0, 0, 123));
	}
});
