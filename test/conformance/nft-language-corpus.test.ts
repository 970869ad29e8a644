/** The statement tree against nft's own test suite: statements as nft's JSON has them, and the bytecode and elements that nft makes of them. */
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/netlink/errors.ts';
import { explain, type Family } from '../../src/nft/index.ts';
import { linearize } from '../../src/nft/linearize/linearize.ts';
import { getRule } from '../../src/nft/rule.ts';
import type { Statement } from '../../src/nft/statements/statement.ts';
import { constants, flagsOf, printed } from '../support/nft-bytecode.ts';
import { type CorpusCase, corpus, corpusPresent } from '../support/nft-corpus.ts';

interface Case extends CorpusCase {
  readonly kind: string;
  readonly family: Family;
  readonly expect_ok: boolean;
  readonly accepted: boolean;
  readonly payload_sets: readonly { readonly hdr: string; readonly elems: readonly string[] }[];
  readonly json_suite: readonly Statement[];
  readonly kernel: { readonly rule: readonly string[] };
}

/** What nft looks up on the machine (services), and `meter`, which is another way to write `update @set`. */
const elsewhere = /^(?:meter |ip protocol tcp tcp dport ssh)/;

describe.skipIf(!corpusPresent)('the corpus', () => {
  test('statements become the bytecode and the elements that nft makes of them', () => {
    // where the machine was that recorded it: two hours east of Greenwich
    process.env['TZ'] = 'Etc/GMT-2';
    const texts = new Set<string>();
    const families = new Set<string>();
    const kinds = new Set<string>();
    for (const each of corpus() as Case[]) {
      const { id, kind, family, rule, expect_ok, accepted, payload, payload_sets, json_suite, kernel } = each;
      if (kind !== 'rule' || !expect_ok || !accepted) continue;
      if (elsewhere.test(rule)) {
        expect(() => linearize(family, json_suite), id).toThrow(InputError);
        continue;
      }
      const { expressions, sets } = linearize(family, json_suite);
      // libnftnl has no name for NFT_CT_ID
      const expected = payload.map((text) => text.replace('ct load unknown', 'ct load id'));
      expect(explain(expressions), `${id} ${rule}`).toEqual(expected);
      const wanted = payload_sets.map(({ elems }) => elems.filter((text) => !text.startsWith('userdata')).sort());
      expect(sets.map(printed), `${id} ${rule}`).toEqual(wanted);
      expect(sets.map(flagsOf), `${id} ${rule}`).toEqual(payload_sets.map(({ hdr }) => hdr.split(' ')[0]));
      // what is printed in words does not tell how many bytes the last one has
      const kernels = kernel.rule.flatMap((hex) => getRule.body.parse(Buffer.from(hex, 'hex')).expressions ?? []);
      expect(constants(expressions), `${id} ${rule}`).toEqual(constants(kernels));
      texts.add(rule);
      families.add(family);
      for (const of of expressions) kinds.add(of.kind);
    }
    expect(texts.size).toBeGreaterThanOrEqual(450);
    expect([...families].sort()).toEqual(['arp', 'bridge', 'inet', 'ip', 'ip6', 'netdev']);
    expect(kinds.size).toBeGreaterThanOrEqual(30);
  });
});
