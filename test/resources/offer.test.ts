import type { Provider } from '../../nodes/LumaRay/providers/provider';
import type { LivePrice } from '../../nodes/LumaRay/models/prices';
import type { Connection } from '../../nodes/LumaRay/resources/connect';
import { readLivePrice, readPriceNow } from '../../nodes/LumaRay/resources/video/offer';

/** Live prices that the runs of a process share, whether they come from a price list or from a description. */

const asked: string[] = [];
let usd = 0;
afterEach(() => asked.splice(0));

function connectionOf(kind: string, home: string, account: string): Connection {
	const price = (): LivePrice => {
		asked.push(account);
		return { of: 'second', usd };
	};
	const provider: Partial<Provider> = {
		id: 'oxen',
		describe: async () => ({ ok: true, value: { schema: {}, raw: {}, price: price() } }),
		...(kind === 'list' && { livePrice: async () => ({ ok: true, value: price() }) }),
	};
	return { provider: provider as Provider, http: undefined!, home, account };
}

describe.each(['list', 'description'])('a live price from the %s', (kind) => {
	const read = async (home: string, account: string) => {
		const live = await readLivePrice(connectionOf(kind, `${kind} ${home}`, account), 'animate');
		return live?.usd;
	};

	test('is read once per account, and not used for other accounts', async () => {
		usd = 0.1;
		expect([await read('accounts', 'one'), await read('accounts', 'one')]).toEqual([0.1, 0.1]);
		usd = 0.2;
		expect([await read('accounts', 'other'), await read('accounts', 'one')]).toEqual([0.2, 0.1]);
		expect(asked).toEqual(['one', 'other']);
	});

	test('is replaced for later runs when it is read again', async () => {
		usd = 0.1;
		expect(await read('again', 'one')).toBe(0.1);
		usd = 0.2;
		const connection = connectionOf(kind, `${kind} again`, 'one');
		await readPriceNow(connection, 'animate', new AbortController().signal);
		expect(await read('again', 'one')).toBe(0.2);
	});
});
