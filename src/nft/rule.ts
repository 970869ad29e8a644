/** Rules. Sources: include/uapi/linux/netfilter/nf_tables.h (NFTA_RULE_*), nft(8), RULES. */
import { attr, attributes, type RawAttribute } from '../netlink/attributes.ts';
import type { Codec, Infer } from '../netlink/codec.ts';
import { InputError } from '../netlink/errors.ts';
import { checkOptions, memberNames } from '../netlink/input.ts';
import type { Message } from '../netlink/message.ts';
import type { Operation } from '../netlink/operation.ts';
import { be32, be64, show } from '../netlink/scalar.ts';
import { string } from '../netlink/text.ts';
import { Writer } from '../netlink/writer.ts';
import type { AnonymousSet } from './anonymous-set.ts';
import { type Expression, expressionList } from './expressions/expression.ts';
import { checkName } from './name.ts';
import { destroyNeeds, type Family, familyName, familyNumber, type NfGenMsg, nftMessage, nftOperation } from './nfnetlink.ts';
import type { Statement } from './statements/statement.ts';
import { type Annotated, annotations, userData, userDataOf } from './userdata.ts';

const compat_ = attributes('NFTA_RULE_COMPAT', () => ({
  protocol: attr('NFTA_RULE_COMPAT_PROTO', 1, be32),
  flags: attr('NFTA_RULE_COMPAT_FLAGS', 2, be32),
}));
/** What extensions of iptables within a rule are told about the protocol it matches. */
export interface RuleCompat extends Infer<typeof compat_> {}

const declarations = () => ({
  table: attr('NFTA_RULE_TABLE', 1, string(255)),
  chain: attr('NFTA_RULE_CHAIN', 2, string(255)),
  handle: attr('NFTA_RULE_HANDLE', 3, be64),
  expressions: attr('NFTA_RULE_EXPRESSIONS', 4, expressionList),
  compat: attr<RuleCompat>('NFTA_RULE_COMPAT', 5, compat_),
  position: attr('NFTA_RULE_POSITION', 6, be64),
  userdata: attr('NFTA_RULE_USERDATA', 7, userData),
  id: attr('NFTA_RULE_ID', 9, be32),
  positionId: attr('NFTA_RULE_POSITION_ID', 10, be32),
  chainId: attr('NFTA_RULE_CHAIN_ID', 11, be32),
});
const ruleAttributes_ = attributes('NFTA_RULE', declarations);
interface RuleAttributes extends Infer<typeof ruleAttributes_> {}
/** A rule on the wire. */
export type RuleMessage = NfGenMsg & RuleAttributes;
type RuleRequest = Partial<NfGenMsg> & RuleAttributes;
const message: Message<RuleMessage, RuleRequest> = nftMessage('NFTA_RULE', ruleAttributes_);

/** Bytes among those of others. An array for the bytes of each rule would be half as large as they are. */
interface Packed {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly length: number;
}

/**
 * Expressions as the bytes they are on the wire. A transaction keeps its rules until it is sent, and what it is told of them until somebody asks: as objects,
 * thousands of them would cost the collector more time than all the rest takes.
 */
const packedExpressions: Codec<Packed> = {
  ...expressionList,
  '~t': undefined as never,
  decode(source, offset, length) {
    const into = shelf();
    const at = into.position;
    into.appendFrom(source, offset, length);
    return { bytes: into.bytes, offset: at, length };
  },
  encode: (writer, { bytes, offset, length }) => writer.appendFrom(bytes, offset, length),
};
const packedAttributes_ = attributes('NFTA_RULE', () => ({
  ...declarations(),
  expressions: attr('NFTA_RULE_EXPRESSIONS', 4, packedExpressions),
}));
interface PackedAttributes extends Infer<typeof packedAttributes_> {}
/** A rule on the wire whose expressions are bytes. */
export type PackedRule = NfGenMsg & PackedAttributes;
export type PackedRuleRequest = Partial<NfGenMsg> & PackedAttributes;
const packedMessage: Message<PackedRule, PackedRuleRequest> = nftMessage('NFTA_RULE', packedAttributes_);

let current: Writer | undefined;
const shelfSize = 65_536;
/** Where the bytes of the next rule go: behind those of others, for a buffer of its own would cost more than what it holds. */
function shelf(): Writer {
  if (current === undefined || current.position > shelfSize / 2) current = new Writer(shelfSize);
  return current;
}

/** @throws InputError naming `expressions` and what is wrong in them */
export function pack(expressions: Expression[]): Packed {
  const into = shelf();
  const at = into.position;
  try {
    expressionList.encode(into, expressions);
  } catch (error) {
    into.position = at;
    throw error instanceof InputError ? error.within('expressions') : error;
  }
  return { bytes: into.bytes, offset: at, length: into.position - at };
}

/** The rule with its expressions as objects. @throws MalformedMessageError */
export function unpacked({ expressions, ...rest }: PackedRule): RuleMessage {
  if (expressions === undefined) return rest;
  const { bytes, offset, length } = expressions;
  return { ...rest, expressions: expressionList.decode(bytes, offset, length) };
}

export const newRule: Operation<RuleRequest, RuleMessage> = nftOperation('NFT_MSG_NEWRULE', 6, message);
/** The same, for rules by the thousand. */
export const newPackedRule: Operation<PackedRuleRequest, PackedRule> = nftOperation('NFT_MSG_NEWRULE', 6, packedMessage);
export const getRule: Operation<RuleRequest, RuleMessage> = nftOperation('NFT_MSG_GETRULE', 7, message);
export const destroyRule: Operation<RuleRequest, RuleMessage> = nftOperation('NFT_MSG_DESTROYRULE', 28, message, destroyNeeds);
export const resetRules: Operation<RuleRequest, RuleMessage> = nftOperation('NFT_MSG_GETRULE_RESET', 25, message, 'Linux 6.2');
export const deleteRule: Operation<RuleRequest, RuleMessage> = nftOperation('NFT_MSG_DELRULE', 8, message);

/** The chain a rule is in. */
export interface RulePlace {
  /** Family of the table. */
  readonly family: Family;
  /** Name of the table. */
  readonly table: string;
  /** Name of the chain. */
  readonly chain: string;
}

/** What names a rule. */
export interface RuleRef extends RulePlace {
  /** Assigned by the kernel, for as long as the rule exists. */
  readonly handle: bigint;
}

/** A rule as it is. What a list returns, `add` accepts: `handle` and `position` are left out then. */
export interface Rule extends Annotated {
  /** Family of the table. */
  family: Family;
  /** Name of the table. */
  table: string;
  /** Name of the chain. */
  chain: string;
  /** Assigned by the kernel, for as long as the rule exists. */
  handle: bigint;
  /** Handle of the rule before it; absent for the first one of its chain. */
  position?: bigint;
  /** The kernel's instructions, in order. */
  expressions: Expression[];
  /** What it says: see readStatements. Only where that was asked for (`list({ statements: true })`). */
  statements?: Statement[];
  /** Of rules that iptables-nft(8) made: what their matches are for. */
  compat?: RuleCompat;
  /** Attributes that netloom has no declaration for. */
  unknown?: RawAttribute[];
}

/** Rules that a rule brings along. */
export interface RuleBlock {
  /** What `chainId` of the rule's verdict refers to; any number that is the rule's only one. */
  readonly id: number;
  /** The rules of the block, in order. */
  readonly rules: readonly (Annotated & { readonly expressions: readonly Expression[] })[];
}

interface RuleToBe extends RulePlace, Annotated {
  compat?: RuleCompat;
  /** Not used: here so that a rule from a list can be given. */
  handle?: bigint;
  /** Not used: here so that a rule from a list can be given. */
  position?: bigint;
  /** Sent as they are. */
  unknown?: RawAttribute[];
}

/** A rule to be made, as the kernel's instructions. */
export interface RuleOfExpressions extends RuleToBe {
  /** The kernel's instructions, in order. */
  expressions: readonly Expression[];
  /** Sets that lookups of the rule refer to by `setId`. */
  sets?: readonly AnonymousSet[];
  /** Rules that verdicts of the rule lead to by `chainId` (`jump { … }`); Linux 5.9. */
  blocks?: readonly RuleBlock[];
  /** A rule is made of one or the other. */
  statements?: never;
}

/** A rule to be made, as statements. */
export interface RuleOfStatements extends RuleToBe {
  /** What the rule says, in order: `rule(ip.saddr.in('10.0.0.0/24'), counter(), accept())`. What matches depend on is added as nft(8) adds it. */
  statements: readonly Statement[];
  /** A rule is made of one or the other. */
  expressions?: never;
  /** The statements bring their own. */
  sets?: never;
  /** The statements bring their own. */
  blocks?: never;
}

/** A rule that was listed with its statements: these are what is made again. */
export interface RuleRead extends RuleToBe {
  readonly handle: bigint;
  /** What the rule says; it is made of these. */
  statements?: readonly Statement[];
  /** Not used if there are statements: those of a listed rule look into sets of that one. */
  expressions: readonly Expression[];
  /** The statements bring their own. */
  sets?: never;
  /** The statements bring their own. */
  blocks?: never;
}

/** A rule to be made. */
export type RuleInput = RuleOfExpressions | RuleOfStatements | RuleRead;

/** `rule ip nat postrouting`, `rule ip nat postrouting handle 4` */
export function describeRule({ family, table, chain, handle }: RulePlace & { readonly handle?: bigint }): string {
  return `rule ${family} ${table} ${chain}${handle === undefined ? '' : ` handle ${handle}`}`;
}

/** A rule as the kernel told it. @throws MalformedMessageError */
export function ruleFromWire(wire: RuleMessage): Rule {
  const { family, table, chain, handle, position, expressions, compat, userdata, unknown } = wire;
  const rule: Rule = {
    family: familyName(family),
    table: table ?? '',
    chain: chain ?? '',
    handle: handle ?? 0n,
    expressions: expressions ?? [],
  };
  if (position !== undefined) rule.position = position;
  if (compat !== undefined) rule.compat = compat;
  if (unknown !== undefined) rule.unknown = unknown;
  return Object.assign(rule, annotations(userdata));
}

type Members = RuleToBe & Required<Pick<RuleOfExpressions, 'expressions' | 'sets' | 'blocks' | 'statements'>>;
/** `name`: what its chain is often told by, `{ ...chain, chain: chain.name }`. */
const members = memberNames<Members & { name: string }>({
  name: true,
  family: true,
  table: true,
  chain: true,
  handle: true,
  position: true,
  expressions: true,
  statements: true,
  sets: true,
  blocks: true,
  compat: true,
  comment: true,
  userdata: true,
  unknown: true,
});

/** What a rule is, its expressions apart. @throws InputError naming the member that is wrong */
export function ruleToWire(rule: RuleToBe): Omit<RuleRequest, 'expressions'> {
  checkOptions(rule, 'rule', members);
  const wire: Omit<RuleRequest, 'expressions'> = ruleKey(rule);
  if (rule.compat !== undefined) wire.compat = rule.compat;
  const userdata = userDataOf(rule);
  if (userdata !== undefined) wire.userdata = userdata;
  if (rule.unknown !== undefined) wire.unknown = rule.unknown;
  return wire;
}

/** What requests about the rules of a chain name it by. @throws InputError naming `family`, `table` or `chain` */
export function ruleKey({ family, table, chain }: RulePlace): Pick<RuleRequest, 'family' | 'table' | 'chain'> {
  return { family: familyNumber(family), table: checkName(table, 'table'), chain: checkName(chain, 'chain') };
}

/** @throws InputError naming `argument` */
export function checkHandle(handle: unknown, argument: string): bigint {
  if (typeof handle !== 'bigint') throw new InputError(argument, `expected a bigint, got ${show(handle)}`, 'ERR_INVALID_ARG_TYPE');
  return handle;
}
