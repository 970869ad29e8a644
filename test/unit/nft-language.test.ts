/** The typed rule language, against tables of what nft(8) makes of the same rules as text. */
import { describe, expect, test } from 'vitest';
import { explain, type Family, linearize } from '../../src/nft/index.ts';
import { ruleCases } from '../fixtures/nft-rules/index.ts';
import { corpusById, corpusPresent } from '../support/nft-corpus.ts';

const families: readonly Family[] = ['arp', 'bridge', 'inet', 'ip', 'ip6', 'netdev'];
/** Every expression that occurs in nft's own test suite. */
const kinds = [
  'bitwise byteorder cmp counter ct dup dynset exthdr fib hash immediate limit log lookup masq meta nat notrack numgen objref osf payload',
  'quota range redir reject rt socket tproxy xfrm',
].flatMap((names) => names.split(' '));

describe('rules in the typed language', () => {
  test.each(ruleCases)('$family: $id', ({ family, rule, payload }) => {
    expect(explain(linearize(family, rule).expressions)).toEqual(payload);
  });

  test('are of every family and hold every expression', () => {
    const made = new Set(ruleCases.flatMap(({ family, rule }) => linearize(family, rule).expressions.map(({ kind }) => kind)));
    expect([...made].sort()).toEqual(kinds);
    expect([...new Set(ruleCases.map(({ family }) => family))].sort()).toEqual(families);
    expect(new Set(ruleCases.map(({ id }) => id)).size).toBe(ruleCases.length);
    expect(ruleCases.length).toBeGreaterThanOrEqual(430);
  });
});

test.skipIf(!corpusPresent)('the tables say what the corpus says, each of another text', () => {
  const cases = corpusById();
  const texts = new Set<string>();
  for (const { family, id, payload } of ruleCases) {
    const found = cases.get(id);
    expect({ family: found?.family, payload: found?.payload }, id).toEqual({ family, payload });
    texts.add(`${family} ${found?.rule}`);
  }
  expect(texts.size).toBe(ruleCases.length);
});
