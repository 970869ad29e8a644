/** Statements: what becomes of packets that match. Source: nft(8), STATEMENTS. */
import type { Expr } from '../statements/expression.ts';
import type { ByteUnit, TimeUnit } from '../statements/stateful.ts';
import type {
  BlockStatement,
  CounterStatement,
  CtCountStatement,
  CtExpectationStatement,
  CtHelperStatement,
  CtTimeoutStatement,
  DnatStatement,
  DupStatement,
  FlowStatement,
  FwdStatement,
  LastStatement,
  LimitStatement,
  LogStatement,
  MapStatement,
  MasqueradeStatement,
  NatFlag,
  NatOptions,
  NotrackStatement,
  ObjectName,
  QueueStatement,
  QuotaStatement,
  RedirectStatement,
  RejectStatement,
  SecmarkStatement,
  SetStatement,
  SnatStatement,
  Statement,
  SynproxyStatement,
  TproxyStatement,
  XtStatement,
} from '../statements/statement.ts';
import type { VerdictStatement } from '../statements/verdict.ts';
import { anyExpr, type Between, isOperand, type Operand } from './field.ts';
import type { SetName } from './value.ts';

/** Lets the packet by; no further rule of this chain sees it. */
export const accept = (): VerdictStatement => ({ accept: null });
/** Throws the packet away, silently. nft: `drop`. */
export const drop = (): VerdictStatement => ({ drop: null });
/** Goes on with the next rule. */
export const continueRules = (): VerdictStatement => ({ continue: null });
/** Goes back to the chain that this one was jumped to from. */
export const returnFrom = (): VerdictStatement => ({ return: null });
/**
 * Goes on in another chain, and with the next rule when that one has nothing to say. With rules in place of the chain's name they are what is gone on with
 * (nft: `jump { … }`; Linux 5.9); they bring no others along.
 *
 * @example rule(ip.saddr.in('10.0.0.0/8'), jump([rule(tcp.dport.in(22), accept()), rule(counter(), drop())]))
 */
export function jump(target: string): VerdictStatement;
export function jump(rules: readonly (readonly Statement[])[]): BlockStatement;
export function jump(to: string | readonly (readonly Statement[])[]): VerdictStatement | BlockStatement {
  return { jump: typeof to === 'string' ? { target: to } : { rules: to } } as VerdictStatement | BlockStatement;
}
/** Goes on in another chain, or with rules, for good. */
export function goto(target: string): VerdictStatement;
export function goto(rules: readonly (readonly Statement[])[]): BlockStatement;
export function goto(to: string | readonly (readonly Statement[])[]): VerdictStatement | BlockStatement {
  return { goto: typeof to === 'string' ? { target: to } : { rules: to } } as VerdictStatement | BlockStatement;
}

/** Counts. Named: by an object of the table, or the one that a map has for the packet. */
export function counter(of?: string | Operand | { readonly packets?: number; readonly bytes?: number }): CounterStatement {
  if (of === undefined) return { counter: null };
  return { counter: typeof of === 'object' && !isOperand(of) ? of : named(of) };
}

/** What a quota counts with. */
export interface QuotaOptions {
  /** How much, in the unit that `unit` says. */
  readonly val: number;
  /** Default: bytes. */
  readonly unit?: ByteUnit;
  /** Matches once it is used up. Default: until then. */
  readonly over?: boolean;
  /** What has come by already. Default: 0. */
  readonly used?: number;
  /** Default: bytes. */
  readonly usedUnit?: ByteUnit;
}

/** Matches until so many bytes have come by. With a name: that of an object of the table. */
export function quota(of: string | Operand | QuotaOptions): QuotaStatement {
  if (typeof of === 'string' || isOperand(of)) return { quota: named(of) };
  const { val, unit, over, used, usedUnit } = of;
  return {
    quota: {
      val,
      ...(unit === undefined ? {} : { val_unit: unit }),
      ...(over === undefined ? {} : { inv: over }),
      ...(used === undefined ? {} : { used }),
      ...(usedUnit === undefined ? {} : { used_unit: usedUnit }),
    },
  };
}

/** What a limit lets through at once, and which side of it matches. */
export interface LimitOptions {
  /** Default: packets. */
  readonly unit?: 'packets' | ByteUnit;
  /** What may come at once beyond the rate. Default: 5 packets, or 0 bytes. */
  readonly burst?: number;
  /** Default: packets, or bytes. */
  readonly burstUnit?: 'packets' | ByteUnit;
  /** Matches what is above the rate. Default: what is below. */
  readonly over?: boolean;
}

/** Matches up to a rate. With a name: that of an object of the table. */
export function limit(name: string | Operand): LimitStatement;
export function limit(rate: number, per: TimeUnit, options?: LimitOptions): LimitStatement;
export function limit(rate: number | string | Operand, per: TimeUnit = 'second', options: LimitOptions = {}): LimitStatement {
  if (typeof rate !== 'number') return { limit: named(rate) };
  const { unit, burst, burstUnit, over } = options;
  return {
    limit: {
      rate,
      per,
      ...(unit === undefined ? {} : { rate_unit: unit }),
      ...(burst === undefined ? {} : { burst }),
      ...(burstUnit === undefined ? {} : { burst_unit: burstUnit }),
      ...(over === undefined ? {} : { inv: over }),
    },
  };
}

/** Writes to the kernel log, or with `group` to whoever listens to that group of nfnetlink_log. */
export const log = (options: NonNullable<LogStatement['log']> | null = null): LogStatement => ({ log: options });

/** Drops, and tells the sender. Default: that the port is unreachable. */
export function reject(): RejectStatement;
export function reject(type: 'tcp reset'): RejectStatement;
export function reject(type: 'icmp' | 'icmpv6' | 'icmpx', expr?: string | number): RejectStatement;
export function reject(type?: 'tcp reset' | 'icmp' | 'icmpv6' | 'icmpx', expr?: string | number): RejectStatement {
  return { reject: type === undefined ? null : { type, ...(expr === undefined ? {} : { expr }) } };
}

/** Where a translation sends packets to, or lets them come from. */
export interface NatTarget {
  /** An address, a prefix, a range, or what a map has. */
  readonly addr?: string | Between<string> | Operand;
  /** Port, or range of them. Default: it stays. */
  readonly port?: number | Between<number> | Operand;
  /** Family of the address, in tables of the family inet. */
  readonly family?: 'ip' | 'ip6';
  /** `random`, `fully-random`, `persistent`. Source: nft(8), NAT STATEMENTS. */
  readonly flags?: NatFlag | readonly NatFlag[];
}

function natOptions({ addr, port, family, flags }: NatTarget): NatOptions {
  return {
    ...(addr === undefined ? {} : { addr: endsOf(addr) }),
    ...(port === undefined ? {} : { port: endsOf(port) }),
    ...(family === undefined ? {} : { family }),
    ...(flags === undefined ? {} : { flags }),
  };
}

function endsOf(of: string | number | Between<string | number> | Operand): Expr {
  return isOperand(of) ? of.expr : anyExpr(of);
}

function named(of: string | Operand): ObjectName {
  return isOperand(of) ? (of.expr as ObjectName) : of;
}

/** Gives a connection another source. */
export const snat = (to: NatTarget): SnatStatement => ({ snat: natOptions(to) });
/** Gives a connection another destination. */
export const dnat = (to: NatTarget): DnatStatement => ({ dnat: natOptions(to) });

/** Where masqueraded and redirected packets go: the address is given. */
export interface PortTarget extends Pick<NatTarget, 'port' | 'flags'> {}
/** Gives a connection the address of the interface it leaves by as its source. */
export const masquerade = (to?: PortTarget): MasqueradeStatement => ({ masquerade: to === undefined ? null : natOptions(to) });
/** Gives a connection this machine as its destination. */
export const redirect = (to?: PortTarget): RedirectStatement => ({ redirect: to === undefined ? null : natOptions(to) });
/** Gives a packet to a local socket, whatever its destination. */
export const tproxy = (to: Omit<NatTarget, 'flags'>): TproxyStatement => ({ tproxy: natOptions(to) });

/** Hands the packet to a program that listens to a queue: one number, a range to spread over, or what an operand gives. */
export function queue(
  num: number | Between<number> | Operand = 0,
  flags?: 'bypass' | 'fanout' | readonly ('bypass' | 'fanout')[],
): QueueStatement {
  return { queue: { num: endsOf(num), ...(flags === undefined ? {} : { flags }) } };
}

/** Sends a copy elsewhere. In the family netdev `addr` is the index of a device. */
export function dup(addr: string | number | Operand, dev?: number | 'lo'): DupStatement {
  return { dup: { addr: endsOf(addr), ...(dev === undefined ? {} : { dev }) } };
}
/** Hands the packet to another device, by its index; with an address, to that neighbor there (netdev). */
export function fwd(dev: number | 'lo' | Operand, addr?: string | Operand, family?: 'ip' | 'ip6'): FwdStatement {
  return { fwd: { dev: endsOf(dev), ...(addr === undefined ? {} : { addr: endsOf(addr) }), ...(family === undefined ? {} : { family }) } };
}
/** Answers the opening of TCP connections in place of the server. */
export const synproxy = (options: NonNullable<SynproxyStatement['synproxy']> | null = null): SynproxyStatement => ({ synproxy: options });
/** Keeps no connection for the packet. */
export const notrack = (): NotrackStatement => ({ notrack: null });

/** What an element that a rule adds is given. */
export interface ElementOptions {
  /** Seconds that the element lives. Default: that of the set. */
  readonly timeout?: number;
  /** What a new element comes with: counters, limits. */
  readonly with?: readonly Statement[];
}
function setStatement(op: 'add' | 'update' | 'delete', set: SetName, key: Operand, options: ElementOptions): SetStatement {
  const { timeout, with: stmt } = options;
  const elem: Expr = timeout === undefined ? key.expr : { elem: { val: key.expr, timeout } };
  return { set: { op, elem, set, ...(stmt === undefined ? {} : { stmt }) } };
}
/** Adds what a field holds to a set. */
export const addTo = (set: SetName, key: Operand, options: ElementOptions = {}): SetStatement => setStatement('add', set, key, options);
/** The same; the lifetime of an element that is there begins anew. */
export const updateIn = (set: SetName, key: Operand, options: ElementOptions = {}): SetStatement =>
  setStatement('update', set, key, options);
/** Deletes what a field holds from a set. */
export const deleteFrom = (set: SetName, key: Operand): SetStatement => setStatement('delete', set, key, {});
/** Has a map give `data` for what a field holds. */
export function updateMap(map: SetName, key: Operand, data: Operand, options: Pick<ElementOptions, 'timeout'> = {}): MapStatement {
  const { timeout } = options;
  return { map: { op: 'update', map, elem: timeout === undefined ? key.expr : { elem: { val: key.expr, timeout } }, data: data.expr } };
}

/** Puts the connection into a flowtable. */
export const flowAdd = (flowtable: string): FlowStatement => ({ flow: { op: 'add', flowtable: `@${flowtable}` } });
/** Matches while there are at most so many connections; with `over`, when there are more. */
export function ctCount(val: number, options: { readonly over?: boolean } = {}): CtCountStatement {
  return { 'ct count': { val, ...(options.over === undefined ? {} : { inv: options.over }) } };
}
/** Gives the connection a helper, which is an object of the table. nft: `ct helper set "ftp"`. */
export const ctHelper = (name: string | Operand): CtHelperStatement => ({ 'ct helper': named(name) });
/** Gives the connection the timeouts of an object of the table. nft: `ct timeout set "short"`. */
export const ctTimeout = (name: string | Operand): CtTimeoutStatement => ({ 'ct timeout': named(name) });
/** Expects the connection that an object of the table describes. nft: `ct expectation set "data"`. */
export const ctExpectation = (name: string | Operand): CtExpectationStatement => ({ 'ct expectation': named(name) });
/** Gives the packet the security mark of an object of the table. nft: `meta secmark set "ssh"`. */
export const secmark = (name: string | Operand): SecmarkStatement => ({ secmark: named(name) });
/** Remembers when a packet came by last; Linux 6.0. `used`: milliseconds since then, to begin with. */
export const last = (used?: number): LastStatement => ({ last: used === undefined ? null : { used } });
/** An extension of iptables, as the kernel's compatibility layer takes it: its own struct, byte for byte. */
export const xt = (type: 'match' | 'target', name: string, rev: number, info: Uint8Array): XtStatement => ({
  xt: { type, name, rev, info },
});
