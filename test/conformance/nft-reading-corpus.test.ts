/** Rules read back from the kernel's own bytes, against nft's own test suite: the same bytecode again, and the statements that `nft -j` lists. */
import { describe, expect, test } from 'vitest';
import { unless } from '../../src/nft/delinearize/unless.ts';
import { getElements } from '../../src/nft/element.ts';
import {
  type Expression,
  explain,
  type Family,
  type FilledSet,
  linearize,
  type Rule,
  readStatements,
  type Statement,
} from '../../src/nft/index.ts';
import type { KnownSets } from '../../src/nft/linearize/scope.ts';
import { getRule, ruleFromWire } from '../../src/nft/rule.ts';
import { getSet } from '../../src/nft/set.ts';
import { setFromWire } from '../../src/nft/set-definition.ts';
import { elementLayout, elementsFromWire } from '../../src/nft/set-elements.ts';
import type { MatchStatement } from '../../src/nft/statements/statement.ts';
import { constants, flagsOf, printed } from '../support/nft-bytecode.ts';
import { type CorpusCase, corpus, corpusPresent } from '../support/nft-corpus.ts';
import { plain } from '../support/nft-plain.ts';

interface Case extends CorpusCase {
  readonly kind: string;
  readonly family: Family;
  readonly accepted: boolean;
  readonly payload_sets: readonly { readonly hdr: string; readonly elems: readonly string[] }[];
  /** As `nft -j` lists it. */
  readonly json: readonly Statement[];
  readonly kernel: {
    readonly rule: readonly string[];
    readonly set: readonly string[];
    readonly elem: Readonly<Record<string, readonly string[]>>;
  };
}

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

function rulesOf({ kernel }: Case): Rule[] {
  return kernel.rule.map((hex) => ruleFromWire(getRule.body.parse(bytes(hex))));
}

function setsOf({ kernel }: Case): FilledSet[] {
  return kernel.set.map((hex) => {
    const set = setFromWire(getSet.body.parse(bytes(hex)));
    const elements = (kernel.elem[set.name] ?? []).flatMap((list) => getElements.body.parse(bytes(list)).elements ?? []);
    return { ...set, elements: elementsFromWire(elementLayout(set), elements) };
  });
}

const isWhole = (statement: Statement): statement is MatchStatement =>
  'match' in statement && statement.match.op === '==' && typeof statement.match.left === 'object' && 'payload' in statement.match.left;

/** The rule as a program writes it that compares every field by itself, and as one that compares all neighbors at once. */
function otherwiseWritten(family: Family, statements: readonly Statement[], sets: KnownSets, merge: boolean): Statement[] {
  const done: Statement[] = [];
  for (const statement of statements) {
    const marked = isWhole(statement) ? { match: { ...statement.match, merge } } : statement;
    // not of whole bytes, or of no neighbor
    const said = unless(() => linearize(family, [...done, marked], { sets })) !== undefined;
    done.push(said ? marked : statement);
  }
  return done;
}

/** Lookups by the names that the kernel gave to the rule's own sets. */
function withSetsOf({ expressions: listed }: Rule, expressions: readonly Expression[]): Expression[] {
  const names = listed.flatMap(({ kind, data }) =>
    kind === 'lookup' || kind === 'objref' ? [(data as { set?: string } | undefined)?.set] : [],
  );
  return expressions.map((each) => {
    if (each.kind !== 'lookup' && each.kind !== 'objref') return each;
    const set = names.shift();
    return set === undefined ? each : ({ ...each, data: { ...each.data, set } } as Expression);
  });
}

/** Where nft lists something else than it has in the kernel, and netloom what is there: by file and line of the suite. */
const otherwise = {
  // packets counted so far
  state: ['any/counter.t:14'],
  // the time of day in the zone of whoever looks
  timeOfDay: ['any/meta.t:216', 'any/meta.t:220'],
  // bits that were asked for as such
  bitsOfByte: ['any/rawpayload.t:18'],
  // a mask that is a prefix too: nft would send other bytecode for that
  mask: ['ip/ip.t:108'],
  // what a later match does not need because the first says it already
  said: ['inet/ether.t:11', 'ip/tcp.t:5'],
  // 0 and 1 as false and true
  boolean: ['inet/socket.t:7'],
  // a set that is made in passing: the same statement by its other name
  meter: ['ip/flowtable.t:5'],
  // the type of the message that a field of it depends on: nft lists what it added itself
  icmpType: [40, 43, 46, 50].map((line) => `ip/icmp.t:${line}`).concat([65, 70, 77, 78, 79].map((line) => `ip6/icmpv6.t:${line}`)),
};

describe.skipIf(!corpusPresent)('the corpus', () => {
  const cases = corpusPresent ? (corpus() as Case[]).filter(({ kind, accepted }) => kind === 'rule' && accepted) : [];

  test('what the kernel has of a rule becomes statements, and these the bytecode, the elements and the bytes of the rule again', () => {
    const kept: string[] = [];
    let rewritten = 0;
    for (const each of cases) {
      const sets = setsOf(each);
      for (const rule of rulesOf(each)) {
        const statements = readStatements(rule, sets);
        if (statements.some((statement) => 'kernel' in statement)) kept.push(each.id);
        const known = Object.fromEntries(sets.map((set) => [set.name, set]));
        const again = linearize(each.family, statements, { sets: known });
        // libnftnl has no name for NFT_CT_ID
        const payload = each.payload.map((text) => text.replace('ct load unknown', 'ct load id'));
        expect(explain(again.expressions), each.id).toEqual(payload);
        expect(constants(again.expressions), each.id).toEqual(constants(rule.expressions));
        // nft makes the set of a meter too, to which rules add
        const brought = each.payload_sets.filter(({ hdr }) => (Number.parseInt(hdr, 16) & 0x20) === 0);
        const wanted = brought.map(({ elems }) => elems.filter((text) => !text.startsWith('userdata')).sort());
        expect(again.sets.map(printed), each.id).toEqual(wanted);
        expect(again.sets.map(flagsOf), each.id).toEqual(brought.map(({ hdr }) => hdr.split(' ')[0]));
        for (const written of [false, true].map((merge) => otherwiseWritten(each.family, statements, known, merge))) {
          const { expressions } = linearize(each.family, written, { sets: known });
          if (explain(expressions).join() === explain(again.expressions).join()) continue;
          rewritten++;
          const named = withSetsOf(rule, expressions);
          const read = readStatements({ ...rule, expressions: named }, sets);
          if (read.some((statement) => 'kernel' in statement)) kept.push(each.id);
          const remade = linearize(each.family, read, { sets: known }).expressions;
          expect(explain(remade), each.id).toEqual(explain(expressions));
          expect(constants(remade), each.id).toEqual(constants(expressions));
        }
      }
    }
    // expressions that no statement says
    expect(kept).toEqual([]);
    // of all, those where it makes a difference
    expect(rewritten).toBeGreaterThanOrEqual(21);
    expect(cases.length).toBeGreaterThanOrEqual(1640);
  });

  test('the statements are those that nft lists, but for what is named here', () => {
    const named = new Set(Object.values(otherwise).flat());
    const met = new Set<string>();
    for (const each of cases) {
      const [rule] = rulesOf(each);
      const place = each.id.split(':').slice(0, 2).join(':');
      const [ours, theirs] = [plain(each.family, readStatements(rule!, setsOf(each))), plain(each.family, each.json)];
      if (!named.has(place)) expect(ours, `${each.id} ${each.rule}`).toBe(theirs);
      else if (ours !== theirs) met.add(place);
    }
    expect([...named].filter((place) => !met.has(place))).toEqual([]);
  });
});
