import type { ListedJob, ListFilter, PagesRead, Reading } from './provider';

/**
 * The maximum number of bytes of one page of a list. Rows repeat each job's input, even images that were sent inside
 * the request.
 */
export const MAX_PAGE_BYTES = 32 * 1024 * 1024;
/** After this many pages, a list counts as endless. */
export const MAX_PAGES = 500;

/**
 * Reads page after page of a list until the list ends or there are enough items.
 * @param readPage reads the page at a cursor (undefined: the first page) and returns the cursor of the next one. A page
 * without items is not the end: a filter may have removed its items
 * @param read the pages of an earlier read, after which this one continues. It is changed, so that after a failure the
 * next read can continue
 * @param mostPages the maximum number of pages of all these reads
 */
export async function readPages<T>(
	atMost: number,
	readPage: (cursor: string | undefined) => Promise<Reading<{ items: T[]; next?: string }>>,
	read: PagesRead<T> = { items: [], pages: 0 },
	mostPages = MAX_PAGES,
): Promise<Reading<T[]>> {
	const hasMore = () => read.pages === 0 || (read.next !== undefined && read.items.length < atMost);
	while (hasMore()) {
		if (read.pages >= mostPages) {
			read.isCut = true;
			break;
		}
		const page = await readPage(read.next);
		if (!page.ok) return page;
		read.items.push(...page.value.items);
		read.next = page.value.next;
		read.pages++;
	}
	return { ok: true, value: read.items.slice(0, atMost) };
}

/** The pages of one list in a read that can be continued. */
export function pagesOf(filter: ListFilter | undefined, list: string): PagesRead<ListedJob> | undefined {
	const lists = filter?.lists;
	if (!lists) return undefined;
	const read = lists.get(list) ?? { items: [], pages: 0 };
	lists.set(list, read);
	return read;
}
