import type { Reading } from './provider';

/** Most bytes of one page of a list. Rows repeat each job's input, even images that were sent inside the request. */
export const MAX_PAGE_BYTES = 32 * 1024 * 1024;
/** After this many pages, a list counts as endless. */
const MAX_PAGES = 500;

/**
 * Reads page after page of a list until the list ends or there are enough items.
 * @param readPage reads the page at a cursor (undefined: the first page) and returns the cursor of the next one. A page
 * without items is not the end: a filter may have removed its items
 */
export async function readPages<T>(
	atMost: number,
	readPage: (cursor: string | undefined) => Promise<Reading<{ items: T[]; next?: string }>>,
): Promise<Reading<T[]>> {
	const all: T[] = [];
	let cursor: string | undefined;
	let pages = 0;
	do {
		const page = await readPage(cursor);
		if (!page.ok) return page;
		all.push(...page.value.items);
		cursor = page.value.next;
	} while (cursor !== undefined && all.length < atMost && ++pages < MAX_PAGES);
	return { ok: true, value: all.slice(0, atMost) };
}
