/**
 * What is known of a packet at a point of a rule, and the expressions up to there. Matches on a header hold for packets that have it: nft(8) adds what
 * sees to that, and so does this. Source: nft(8), PAYLOAD EXPRESSIONS.
 */
import { InputError } from '../../netlink/errors.ts';
import type { AnonymousSet } from '../anonymous-set.ts';
import type { Expression } from '../expressions/expression.ts';
import type { Family } from '../nfnetlink.ts';
import { type Header, type HeaderBase, type HeaderName, headerOf, headers } from '../protocol/headers.ts';
import type { RuleBlock } from '../rule.ts';
import type { SetType } from '../set-definition.ts';
import type { LinearRule } from './linear-rule.ts';
import { merged, type PayloadMatch, type Step, withNext } from './merge.ts';

/** Sets of a table that a rule refers to, by name: what must be known of them. */
export type KnownSets = Readonly<Record<string, Pick<SetType, 'flags' | 'map' | 'mapInterval'>>>;

/** What a rule brings along, and the rules that it does, together. */
interface Brought {
  readonly sets: AnonymousSet[];
  readonly blocks: RuleBlock[];
  unknownSets: Set<string> | undefined;
}

export class Scope {
  readonly family: Family;
  readonly knownSets: KnownSets;
  readonly #steps: Step[] = [];
  readonly #brought: Brought;
  readonly #isBrought: boolean;
  readonly #known: Partial<Record<HeaderBase, HeaderName>> = {};
  /** VLAN headers that were seen. */
  #tags = 0;
  /** Numbers of which the type of the ICMP message is known to be one. */
  #icmpTypes: readonly number[] | undefined;

  /** `around`: of the rule that brings this one along. Nothing that is known there is here: the kernel runs each rule by itself. */
  constructor(family: Family, knownSets: KnownSets = {}, around?: Scope) {
    this.family = family;
    this.knownSets = knownSets;
    this.#isBrought = around !== undefined;
    this.#brought = around === undefined ? { sets: [], blocks: [], unknownSets: undefined } : around.#brought;
    if (family === 'ip' || family === 'ip6' || family === 'arp') this.#known.network = family;
    if (family === 'bridge') this.#known.link = 'ether';
  }

  /** Expressions that only let packets by, or not. */
  match(...expressions: Expression[]): void {
    this.#steps.push({ expressions, match: true });
  }

  /** @throws InputError when it is to become one with the match before, and cannot */
  matchPayload(payload: PayloadMatch): void {
    if (payload.merge !== true) {
      this.#steps.push({ payload });
      return;
    }
    const both = withNext(this.#steps.at(-1), payload);
    this.#steps[this.#steps.length - 1] = { payload: both };
  }

  /** Expressions that do something: matches before and after are not put together. */
  act(...expressions: Expression[]): void {
    this.#steps.push({ expressions, match: false });
  }

  addSet(set: Omit<AnonymousSet, 'id'>): number {
    const { sets } = this.#brought;
    const id = sets.length + 1;
    sets.push({ ...set, id });
    return id;
  }

  /** Takes rules along: each is made by `append` in a scope of its own. @returns the number of their chain */
  addBlock<R>(rules: readonly R[], append: (scope: Scope, rule: R, index: number) => void): number {
    // the kernel: EOPNOTSUPP
    if (this.#isBrought) throw new InputError('', 'rules that a rule brings along bring no others');
    const { blocks } = this.#brought;
    const id = blocks.length + 1;
    const made = rules.map((rule, index) => {
      const scope = new Scope(this.family, this.knownSets, this);
      append(scope, rule, index);
      return { expressions: scope.#finished() };
    });
    blocks.push({ id, rules: made });
    return id;
  }

  /** What is known of a set of the table; undefined: nothing, and the rule says so. */
  knownSet(name: string): KnownSets[string] | undefined {
    if (Object.hasOwn(this.knownSets, name)) return this.knownSets[name];
    this.#brought.unknownSets ??= new Set();
    this.#brought.unknownSets.add(name);
    return undefined;
  }

  /** Bytes that the fields of a header are shifted by: VLAN headers come after the Ethernet header, and after one another. */
  offsetOf(header: HeaderName): number {
    return header === 'vlan' ? 14 + 4 * Math.max(0, this.#tags - 1) : 0;
  }

  knows(base: HeaderBase): HeaderName | undefined {
    return this.#known[base];
  }

  /** Lets only packets by that have the header, unless that is so already. @throws InputError when none can have it */
  require(header: Header): void {
    if (header.base === 'link') this.#requireLink(header);
    else if (header.base === 'network') this.requireNetwork(header);
    else this.#requireTransport(header);
  }

  /** The same at the start of the rule: for statements that end it, so that those before do nothing that this one then leaves undone. */
  requireFirst(header: Header): void {
    const before = this.#steps.length;
    this.require(header);
    this.#steps.unshift(...this.#steps.splice(before));
  }

  #requireLink(header: Header): void {
    if (this.#known.link === undefined) {
      this.match(...load('iiftype'), compare(Uint8Array.of(1, 0)));
      this.#known.link = 'ether';
    }
    if (header.name !== 'vlan' || this.#known.link === 'vlan') return;
    this.matchPayload({ base: 'link', offset: 12, value: be16(headers.vlan.number) });
    this.learn('ether', 'type', headers.vlan.number);
  }

  requireNetwork(header: Header): void {
    const known = this.#known.network;
    if (known === header.name) return;
    if (known !== undefined) throw new InputError('', `a rule cannot match ${known} and ${header.name}`);
    const number = header.number ?? 0;
    if (this.family === 'inet') {
      if (header.name === 'arp') throw new InputError('', 'the family inet sees no packets of arp');
      this.match(...load('nfproto'), compare(byte(header.name === 'ip' ? 2 : 10)));
    } else if (this.#known.link === 'vlan') this.matchPayload({ base: 'link', offset: this.offsetOf('vlan') + 2, value: be16(number) });
    else this.match(...load('protocol'), compare(be16(number)));
    this.#known.network = header.name;
  }

  #requireTransport(header: Header): void {
    const known = this.#known.transport;
    if (known === header.name || header.name === 'th') return;
    if (known !== undefined) throw new InputError('', `a rule cannot match ${known} and ${header.name}`);
    if (this.family === 'arp') throw new InputError('', `the family arp sees no packets of ${header.name}`);
    if (this.#known.network === undefined && (header.name === 'icmp' || header.name === 'icmpv6')) this.#requireIcmp(header.name);
    this.match(...load('l4proto'), compare(byte(header.number ?? 0)));
    this.#known.transport = header.name;
  }

  #requireIcmp(name: 'icmp' | 'icmpv6'): void {
    const network = headerOf(name === 'icmp' ? 'ip' : 'ip6')!;
    if (this.#known.link === 'ether') {
      this.matchPayload({ base: 'link', offset: 12, value: be16(network.number ?? 0) });
      this.#known.network = network.name;
    } else this.requireNetwork(network);
  }

  /** Fields that only some types of ICMP messages have. */
  requireIcmpType(header: HeaderName, field: string): void {
    const types = icmpTypes[`${header} ${field}`];
    if (types === undefined) return;
    if (this.#icmpTypes !== undefined) {
      const other = this.#icmpTypes.find((type) => !types.includes(type));
      if (other !== undefined) throw new InputError('', `${header} messages of type ${other} have no ${field}`);
      return;
    }
    this.#icmpTypes = types;
    const keys = types.map((type) => Uint8Array.of(type));
    if (keys.length === 1) {
      this.matchPayload({ base: 'transport', offset: 0, value: keys[0]! });
      return;
    }
    const setId = this.addSet({
      keyType: header === 'icmp' ? 14 : 29,
      keyLength: 1,
      keyByteOrder: 'network',
      elements: keys.map((key) => ({ key })),
    });
    this.match(
      { kind: 'payload', data: { dreg: 1, base: 'transport', offset: 0, len: 1 } },
      { kind: 'lookup', data: { sreg: 1, set: '__set%d', setId } },
    );
  }

  /** Whether messages of the types that are known to come by have the field. */
  hasField(header: HeaderName, field: string): boolean {
    const types = icmpTypes[`${header} ${field}`];
    return types === undefined || this.#icmpTypes?.every((type) => types.includes(type)) === true;
  }

  /** A field or property was found to be a number: what follows of that. */
  learn(header: HeaderName | 'meta', field: string, value: number): void {
    if (header === 'icmp' || header === 'icmpv6') {
      if (field === 'type') this.learnIcmpTypes([value]);
      return;
    }
    if (header === 'meta') {
      if (field === 'iiftype' && value === 1) this.#learn('link', 'ether');
      else if (field === 'nfproto') this.#learn('network', value === 2 ? 'ip' : value === 10 ? 'ip6' : undefined);
      else if (field === 'protocol' && this.family !== 'inet') this.#learnNetwork(value);
      else if (field === 'l4proto') this.#learnTransport(value);
      return;
    }
    if (headerOf(header)?.upper !== field) return;
    if (headers[header].base === 'network') this.#learnTransport(value);
    else if (value === headers.vlan.number || value === 0x88a8) {
      this.#known.link = 'vlan';
      this.#tags += 1;
    } else this.#learnNetwork(value);
  }

  /** The type of the ICMP message was found to be one of these. */
  learnIcmpTypes(types: readonly number[]): void {
    this.#icmpTypes ??= types;
  }

  #learnNetwork(number: number): void {
    this.#learn('network', byNumber('network', number));
  }

  #learnTransport(number: number): void {
    this.#learn('transport', byNumber('transport', number));
  }

  #learn(base: HeaderBase, name: HeaderName | undefined): void {
    if (name !== undefined) this.#known[base] ??= name;
  }

  /** The rule so far. */
  finish(): LinearRule {
    const expressions = this.#finished();
    const { sets, blocks, unknownSets } = this.#brought;
    if (blocks.length === 0 && unknownSets === undefined) return { expressions, sets };
    return {
      expressions,
      sets,
      ...(blocks.length === 0 ? {} : { blocks }),
      ...(unknownSets === undefined ? {} : { unknownSets: [...unknownSets] }),
    };
  }

  #finished(): Expression[] {
    const steps = this.#withoutIdle();
    const expressions: Expression[] = [];
    for (let at = 0; at < steps.length; ) {
      let end = at;
      while (end < steps.length && isMatch(steps[end]!)) end++;
      for (const step of merged(steps.slice(at, end))) emit(step, expressions);
      if (end < steps.length) emit(steps[end]!, expressions);
      at = end + 1;
    }
    return expressions;
  }

  #withoutIdle(): readonly Step[] {
    if (this.family !== 'ip' && this.family !== 'ip6') return this.#steps;
    return this.#steps.filter((step, i) => !this.#isIdle(step, this.#steps[i + 1]));
  }

  /** `meta protocol ip` in the family ip: nft(8) leaves it out before a match of the transport protocol. */
  #isIdle(step: Step, next: Step | undefined): boolean {
    if (this.family !== 'ip' && this.family !== 'ip6') return false;
    const [, compared] = comparing(step, 'protocol');
    const own = be16(headers[this.family].number);
    if (compared === undefined || Buffer.compare(compared, own) !== 0) return false;
    return next !== undefined && comparing(next, 'l4proto').length > 0;
  }
}

const icmpTypes: Readonly<Record<string, readonly number[]>> = {
  'icmp id': [0, 8],
  'icmp sequence': [0, 8],
  'icmp mtu': [3],
  'icmp gateway': [5],
  'icmpv6 id': [128, 129],
  'icmpv6 sequence': [128, 129],
  'icmpv6 mtu': [2],
  'icmpv6 parameter-problem': [4],
  'icmpv6 max-delay': [130],
};

function byNumber(base: HeaderBase, number: number): HeaderName | undefined {
  for (const [name, header] of Object.entries(headers))
    if (header.base === base && 'number' in header && header.number === number) return name as HeaderName;
  return undefined;
}

function load(key: 'iiftype' | 'nfproto' | 'protocol' | 'l4proto'): [Expression] {
  return [{ kind: 'meta', data: { key, dreg: 1 } }];
}

function compare(data: Uint8Array): Expression {
  return { kind: 'cmp', data: { sreg: 1, op: 'eq', data } };
}

function be16(number: number): Uint8Array {
  const two = new Uint8Array(2);
  two[0] = number >>> 8;
  two[1] = number;
  return two;
}

/** As of `ipv4Bytes`: nearly every rule has some. */
function byte(value: number): Uint8Array {
  const one = new Uint8Array(1);
  one[0] = value;
  return one;
}

/** The property of a packet that a step compares for being equal, and the bytes. */
function comparing(step: Step, key: 'protocol' | 'l4proto'): [] | [Expression, Uint8Array] {
  if ('payload' in step) return [];
  const [loads, compares] = step.expressions;
  if (loads?.kind !== 'meta' || loads.data?.key !== key || compares?.kind !== 'cmp' || compares.data?.op !== 'eq') return [];
  const { data } = compares.data;
  return data instanceof Uint8Array ? [loads, data] : [];
}

function isMatch(step: Step): boolean {
  return 'payload' in step || step.match;
}

function emit(step: Step, to: Expression[]): void {
  if ('expressions' in step) {
    for (const expression of step.expressions) to.push(expression);
    return;
  }
  const { base, offset, value } = step.payload;
  to.push({ kind: 'payload', data: { dreg: 1, base, offset, len: value.length } }, compare(value));
}
