/** nf_tables: many elements and many rules, added in one transaction and listed as objects, against nft(8). */
import type { Benchmark, Peer } from './measure.ts';
import { script, timed } from './program.ts';

const install = 'apt-get install nftables';

/** What nft(8) is given for each, and how many items. The peer netloom writes the same (peers/nft.mjs). */
const loads = {
  elements: {
    title: 'elements of a hash set',
    count: 100_000,
    text: (count: number, size: string): string =>
      `add table inet b\nadd set inet b s { type ipv4_addr; ${size} }\nadd element inet b s { ${Array.from({ length: count }, (_, i) => address(i)).join(', ')} }\n`,
  },
  intervals: {
    title: 'elements of an interval set',
    count: 100_000,
    text: (count: number): string =>
      `add table inet b\nadd set inet b s { type ipv4_addr; flags interval; }\nadd element inet b s { ${Array.from({ length: count }, (_, i) => `${address(i * 4)}/31`).join(', ')} }\n`,
  },
  rules: {
    title: 'rules',
    count: 5_000,
    text: (count: number): string =>
      `add table inet b\nadd chain inet b c\n${Array.from({ length: count }, (_, i) => `add rule inet b c ip saddr ${address(i)} tcp dport ${1 + (i % 60_000)} counter accept`).join('\n')}\n`,
  },
} as const;

function address(i: number): string {
  return `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`;
}

type Load = keyof typeof loads;

const remove = (): unknown => timed(['nft', 'delete', 'table', 'inet', 'b']);

/** nft reads from a pipe. Its start is measured too: some 15 ms, which is 3 us for each of 5,000 rules, and nothing for each of 100,000 elements. */
function nftAdds(load: Load, size = ''): number {
  const { count, text } = loads[load];
  const input = text(count, size);
  const { milliseconds } = timed(['nft', '-f', '-'], input);
  remove();
  return (milliseconds * 1000) / count;
}

export function nftAddBenchmark(load: Load): Benchmark {
  const { title, count } = loads[load];
  const sized: Peer[] =
    load === 'elements'
      ? [
          { name: 'netloom, async, the set with its size', run: () => script('nft', load, 'add', String(count), 'sized') },
          { name: 'nft -f, the set with its size', install, run: () => nftAdds(load, `size ${count};`) },
        ]
      : [];
  return {
    name: `add ${count} ${title} in one transaction`,
    unit: 'us an item',
    rounds: 5,
    peers: [
      { name: 'netloom, async', run: () => script('nft', load, 'add', String(count)) },
      { name: 'netloom, sync', run: () => script('nft', load, 'add-sync', String(count)) },
      { name: 'nft -f', install, run: () => nftAdds(load) },
      ...sized,
    ],
  };
}

export function nftListBenchmark(load: Load): Benchmark {
  const { title, count, text } = loads[load];
  const list = load === 'rules' ? ['chain', 'inet', 'b', 'c'] : ['set', 'inet', 'b', 's'];
  return {
    name: `list ${count} ${title} as objects`,
    unit: 'us an item',
    rounds: 5,
    prepare: () => void timed(['nft', '-f', '-'], text(count, '')),
    finish: () => void remove(),
    peers: [
      { name: 'netloom, async', run: () => script('nft', load, 'list', String(count)) },
      { name: 'netloom, sync', run: () => script('nft', load, 'list-sync', String(count)) },
      {
        name: 'nft -j and JSON.parse',
        install,
        run: () => {
          const start = performance.now();
          const { nftables } = JSON.parse(timed(['nft', '-j', 'list', ...list]).stdout) as { nftables: unknown[] };
          const microseconds = ((performance.now() - start) * 1000) / count;
          if (nftables.length < 2) throw new Error('nft listed nothing');
          return microseconds;
        },
      },
    ],
  };
}
