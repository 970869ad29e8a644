/**
 * The statement tree: what a rule says, in the shapes of libnftables-json(5). The typed language makes it, `linearize` turns it into the
 * kernel's expressions. An object with one member, whose name says what it is.
 */
import type { AnonymousSet } from '../anonymous-set.ts';
import type { Expression } from '../expressions/expression.ts';
import type { Expr, MapExpression } from './expression.ts';
import type { ConnectionCount, CounterState, LastState, LimitState, QuotaState } from './stateful.ts';
import type { VerdictStatement } from './verdict.ts';

/** `in`: any of the bits on the right is set; without bits the same as `==`. `!`: none of them is. */
export type MatchOp = '==' | '!=' | '<' | '>' | '<=' | '>=' | 'in' | '!';

/** A comparison: the rule ends here for packets it does not hold for. nft: `tcp dport 22`. */
export interface MatchStatement {
  readonly match: {
    readonly left: Expr;
    readonly right: Expr;
    readonly op: MatchOp;
    /**
     * For a field of whole bytes that is equal to something. `true`: compared at once with the match before, whose field ends where this one begins,
     * 16 bytes in all at most. `false`: by itself, whatever its neighbors are. Default: as nft(8) does it. Rules of other programs are read with it.
     */
    readonly merge?: boolean;
    /** Bytes of a name that are compared, some zeros after it among them: iptables compares one zero. Default: all that there may be. */
    readonly bytes?: number;
  };
}
/** Looks a verdict up. */
export interface VmapStatement {
  readonly vmap: { readonly key: Expr; readonly data: Expr };
}
/** Name of an object of the table, or a map that gives one. */
export type ObjectName = string | MapExpression;
/** Counts packets and bytes; with a name, in an object of the table. nft: `counter`. */
export interface CounterStatement {
  readonly counter: null | CounterState | ObjectName;
}
/** Matches until so much has passed, or from then on. nft: `quota over 10 mbytes`. */
export interface QuotaStatement {
  readonly quota: QuotaState | ObjectName;
}
/** Matches so often in a time, or what is more than that. nft: `limit rate 10/second`. */
export interface LimitStatement {
  readonly limit: LimitState | ObjectName;
}
/** How severe a message in the log is: syslog(3); `audit` is for the audit daemon. */
export type LogLevel = 'emerg' | 'alert' | 'crit' | 'err' | 'warn' | 'notice' | 'info' | 'debug' | 'audit';
/** What of the packet the log has besides. */
export type LogFlag = 'tcp sequence' | 'tcp options' | 'ip options' | 'skuid' | 'ether' | 'all';
/** Writes the packet to the log. nft: `log prefix "in: "`. */
export interface LogStatement {
  readonly log: null | {
    readonly prefix?: string;
    readonly group?: number;
    readonly snaplen?: number;
    readonly 'queue-threshold'?: number;
    readonly level?: LogLevel;
    readonly flags?: LogFlag | readonly LogFlag[];
  };
}
/** Throws the packet away and tells the sender. nft: `reject with tcp reset`. */
export interface RejectStatement {
  readonly reject: null | { readonly type?: 'tcp reset' | 'icmp' | 'icmpv6' | 'icmpx'; readonly expr?: string | number };
}
/** How ports and addresses are chosen: `netmap` keeps the host part of the address. */
export type NatFlag = 'random' | 'fully-random' | 'persistent' | 'netmap';
/** The address, the ports and the ways of a translation. */
export interface NatOptions {
  /** Address, or range of them. Default: it stays. */
  readonly addr?: Expr;
  /** Of the address; needed in tables of the family inet. */
  readonly family?: 'ip' | 'ip6';
  /** Port, or range of them. Default: it stays. */
  readonly port?: Expr;
  /** `random`, `fully-random`, `persistent`. */
  readonly flags?: NatFlag | readonly NatFlag[];
  /** `prefix`: one network for another, host by host. */
  readonly type_flags?: 'prefix' | readonly string[];
}
/** Translates the source. nft: `snat to 203.0.113.1`. */
export interface SnatStatement {
  readonly snat: NatOptions;
}
/** Translates the destination. nft: `dnat to 10.0.0.1:80`. */
export interface DnatStatement {
  readonly dnat: NatOptions;
}
/** Translates the source to the address of the interface that the packet leaves by. nft: `masquerade`. */
export interface MasqueradeStatement {
  readonly masquerade: null | Pick<NatOptions, 'port' | 'flags'>;
}
/** Translates the destination to this machine. nft: `redirect to :8080`. */
export interface RedirectStatement {
  readonly redirect: null | Pick<NatOptions, 'port' | 'flags'>;
}
/** Sets a property or a field: `meta mark set 1`. */
export interface MangleStatement {
  readonly mangle: { readonly key: Expr; readonly value: Expr };
}
/** Hands the packet to a program. nft: `queue num 1`. */
export interface QueueStatement {
  readonly queue: null | { readonly num?: Expr; readonly flags?: 'bypass' | 'fanout' | readonly ('bypass' | 'fanout')[] };
}
/** Sends a copy of the packet elsewhere. nft: `dup to 10.0.0.1`. */
export interface DupStatement {
  readonly dup: { readonly addr: Expr; readonly dev?: Expr };
}
/** Sends the packet out by another device, from the hook ingress. nft: `fwd to "eth1"`. */
export interface FwdStatement {
  readonly fwd: { readonly dev: Expr; readonly addr?: Expr; readonly family?: 'ip' | 'ip6' };
}
/** Hands the packet to a socket of this machine, its destination unchanged. nft: `tproxy to :50080`. */
export interface TproxyStatement {
  readonly tproxy: { readonly family?: 'ip' | 'ip6'; readonly addr?: Expr; readonly port?: Expr };
}
/** Answers a SYN in the place of the server. nft: `synproxy mss 1460 wscale 7`. */
export interface SynproxyStatement {
  readonly synproxy:
    | null
    | {
        readonly mss?: number;
        readonly wscale?: number;
        readonly flags?: 'timestamp' | 'sack-perm' | readonly ('timestamp' | 'sack-perm')[];
      }
    | string;
}
/** Keeps the packet from conntrack. nft: `notrack`. */
export interface NotrackStatement {
  readonly notrack: null;
}
/** Adds, updates or deletes an element; `stmt`: what a new one comes with. */
export interface SetStatement {
  readonly set: {
    readonly op: 'add' | 'update' | 'delete';
    readonly elem: Expr;
    readonly set: string;
    readonly stmt?: readonly Statement[];
  };
}
/** The same in a map. */
export interface MapStatement {
  readonly map: { readonly op: 'add' | 'update' | 'delete'; readonly elem: Expr; readonly data: Expr; readonly map: string };
}
/** Adds the connection to a flowtable. nft: `flow add @f`. */
export interface FlowStatement {
  readonly flow: { readonly op: 'add'; readonly flowtable: string };
}
/** Compares how many connections are open. */
export interface CtCountStatement {
  readonly 'ct count': ConnectionCount;
}
/** Gives the connection a helper. nft: `ct helper set "ftp"`. */
export interface CtHelperStatement {
  readonly 'ct helper': ObjectName;
}
/** Gives the connection timeouts. nft: `ct timeout set "short"`. */
export interface CtTimeoutStatement {
  readonly 'ct timeout': ObjectName;
}
/** Expects a connection. nft: `ct expectation set "data"`. */
export interface CtExpectationStatement {
  readonly 'ct expectation': ObjectName;
}
/** Gives the packet a security mark. nft: `meta secmark set "ssh"`. */
export interface SecmarkStatement {
  readonly secmark: ObjectName;
}
/** Remembers when it was last reached. nft: `last`. */
export interface LastStatement {
  readonly last: null | LastState;
}
/** An extension of iptables. `info` is its own struct as it lies in memory. */
export interface XtStatement {
  readonly xt: { readonly type: 'match' | 'target'; readonly name: string; readonly rev?: number; readonly info?: Uint8Array };
}

/**
 * What no statement of nft(8) says: expressions of the kernel, byte for byte, with the sets that their lookups refer to by `setId`. A rule that
 * was read has these where netloom could not make out what they are for.
 */
export interface KernelStatement {
  readonly kernel: { readonly expressions: readonly Expression[]; readonly sets?: readonly AnonymousSet[] };
}
/** Rules in place, as in a chain without a name: they live and die with the rule. nft: `jump { … }`; libnftables-json(5) has no word for it. */
export type BlockStatement =
  | { readonly jump: { readonly rules: readonly (readonly Statement[])[] } }
  | { readonly goto: { readonly rules: readonly (readonly Statement[])[] } };

/** One statement of a rule. */
export type Statement =
  | MatchStatement
  | VmapStatement
  | VerdictStatement
  | BlockStatement
  | CounterStatement
  | QuotaStatement
  | LimitStatement
  | LogStatement
  | RejectStatement
  | SnatStatement
  | DnatStatement
  | MasqueradeStatement
  | RedirectStatement
  | MangleStatement
  | QueueStatement
  | DupStatement
  | FwdStatement
  | TproxyStatement
  | SynproxyStatement
  | NotrackStatement
  | SetStatement
  | MapStatement
  | FlowStatement
  | CtCountStatement
  | CtHelperStatement
  | CtTimeoutStatement
  | CtExpectationStatement
  | SecmarkStatement
  | LastStatement
  | XtStatement
  | KernelStatement;
