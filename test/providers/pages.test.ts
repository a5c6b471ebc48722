import { readPages } from '../../nodes/LumaRay/providers/pages';
import type { PagesRead } from '../../nodes/LumaRay/providers/provider';

/** How the pages of a list are read. */

const FAILS = { ok: false, transient: true, problem: { name: 'notEnded' } } as const;

test('after a failure, the next read continues after the pages that arrived', async () => {
	const asked: Array<string | undefined> = [];
	let isDown = true;
	const readPage = async (cursor: string | undefined) => {
		asked.push(cursor);
		const page = Number(cursor ?? 1);
		if (page === 3 && isDown) return FAILS;
		return { ok: true as const, value: { items: [page], ...(page < 4 && { next: String(page + 1) }) } };
	};
	const read: PagesRead<number> = { items: [], pages: 0 };
	expect(await readPages(Infinity, readPage, read)).toEqual(FAILS);
	isDown = false;
	expect(await readPages(Infinity, readPage, read)).toEqual({ ok: true, value: [1, 2, 3, 4] });
	expect(asked).toEqual([undefined, '2', '3', '3', '4']);
	expect(read.isCut).toBeUndefined();
});

test('a list with more pages than allowed is cut off, and this is reported', async () => {
	const endless = async () => ({ ok: true as const, value: { items: [1], next: 'more' } });
	const read: PagesRead<number> = { items: [], pages: 0 };
	expect(await readPages(Infinity, endless, read, 3)).toEqual({ ok: true, value: [1, 1, 1] });
	expect(read).toMatchObject({ pages: 3, isCut: true });
});

test('no more pages are read than the items need', async () => {
	let pages = 0;
	const endless = async () => ({ ok: true as const, value: { items: [++pages, 0], next: 'more' } });
	expect(await readPages(3, endless)).toEqual({ ok: true, value: [1, 0, 2] });
	expect(pages).toBe(2);
});
