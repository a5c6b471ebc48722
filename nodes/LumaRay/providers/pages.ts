import type { Reading } from './provider';

/** Bytes of one page of a list. Rows repeat what was asked for, also images that others sent inside their requests. */
export const MAX_PAGE_BYTES = 32 * 1024 * 1024;
/** Pages after which a list counts as endless. */
const MAX_PAGES = 500;

/**
 * Reads page after page of a list until it ends or there is enough.
 * @param readPage the page of this cursor (undefined: the first one) and the cursor of the next. A page without items
 * is no end: what it held may have been left out
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
