/** Source NAT for a network: what a container network needs to reach the world. Source: nft(8), NAT STATEMENTS. */
import type { Prefix } from '../netlink/address.ts';
import { InputError } from '../netlink/errors.ts';
import { type CallOptions, type Program, within } from '../netlink/program.ts';
import { show } from '../netlink/scalar.ts';
import type { NamespaceRef } from '../netlink/sys/namespace.ts';
import { checkInterfacePattern } from './interface-pattern.ts';
import { keyExpr } from './language/field.ts';
import { counter, masquerade as masqueradeStatement, meta, range, rule } from './language/index.ts';
import { linearize } from './linearize/linearize.ts';
import { checkBoolean, checking, checkOptions } from './options.ts';
import { ensureOwned, type OwnedRules, removeOwned, type WantedRules } from './owned-rules.ts';
import { keyFor } from './owner.ts';
import { formatNetwork, networkOption } from './prefix-option.ts';
import type { Expr } from './statements/expression.ts';
import type { NatFlag, Statement } from './statements/statement.ts';
import { userDataOf } from './userdata.ts';

/** Ports: one, a first and a last one, or both as text (`'1024-65535'`). */
export type PortRange = number | string | readonly [first: number, last: number];

export interface MasqueradeOptions extends CallOptions {
  /** The network whose packets get another source address: `10.0.0.0/24`, `fd00:1::/64`, or one address. */
  source: string;
  /** Only what leaves by this interface; a `*` at its end stands for any rest. It need not exist. Default: any. */
  outInterface?: string;
  /** Not what is bound for these networks. Default: none. */
  excludeDestination?: string | readonly string[];
  /** Ports to use. Masquerades TCP and UDP alone then: nothing else has ports. Default: the connection's own where it is free. */
  toPorts?: PortRange;
  /** Choose ports by a hash, and not the connection's own. Default: false. */
  random?: boolean;
  /** Choose ports at random, and not the connection's own. Default: false. */
  fullyRandom?: boolean;
  /** Give a client the same source address for each connection. Default: false. */
  persistent?: boolean;
  /** What nft prints as the rule's comment: at most 128 bytes. */
  comment?: string;
  /** The network namespace to act in. Default: that of the process. */
  netns?: NamespaceRef;
}

/** Names a masquerade rule that was made: plain data, to be given to {@link removeMasquerade}, by this process or another. */
export interface MasqueradeHandle extends OwnedRules {}

const known = [
  'netns',
  'source',
  'outInterface',
  'excludeDestination',
  'toPorts',
  'random',
  'fullyRandom',
  'persistent',
  'comment',
] as const;

/**
 * Gives what comes from a network, and leaves this machine, the address of the interface it leaves by.
 *
 * One transaction makes a rule in the chain `postrouting` (nat, hook postrouting, priority srcnat) of the table `netloom`,
 * family ip or ip6, and the two if they are not there. Asked for twice with the same options, it is one rule.
 *
 * @throws InputError naming the option that is wrong, before anything is sent
 * @throws NetlinkError what the kernel refused
 */
export function* masquerade(options: MasqueradeOptions): Program<MasqueradeHandle> {
  const want = describeMasquerade(options);
  return yield* within(options.netns, 'netns', () => ensureOwned(want));
}

/**
 * Removes the rule that {@link masquerade} made; with the last one go the chain and the table that it made. A rule that
 * is gone already is no error.
 *
 * @throws InputError, NetlinkError
 */
export function* removeMasquerade(handle: MasqueradeHandle, options: CallOptions & { netns?: NamespaceRef } = {}): Program<void> {
  checkOptions(options, ['netns']);
  yield* within(options.netns, 'netns', () => removeOwned(handle));
}

/** The rule that options ask for. @throws InputError */
export function describeMasquerade(options: MasqueradeOptions): WantedRules {
  checkOptions(options, known);
  const { outInterface, random, fullyRandom, persistent, comment } = options;
  const source = networkOption(options.source, 'source');
  const exclude = exclusions(options.excludeDestination, source);
  const ports = options.toPorts === undefined ? undefined : parsePorts(options.toPorts);
  if (outInterface !== undefined) checking('outInterface', () => checkInterfacePattern(outInterface));
  checkBoolean(random, 'random');
  checkBoolean(fullyRandom, 'fullyRandom');
  checkBoolean(persistent, 'persistent');
  userDataOf(comment === undefined ? {} : { comment });

  const family = source.family === 'inet' ? 'ip' : 'ip6';
  const linear = linearize(family, statementsOf(family, options, source, exclude, ports));

  const identity = [
    formatNetwork(source),
    outInterface ?? null,
    exclude.map(formatNetwork),
    ports ?? null,
    random === true,
    fullyRandom === true,
    persistent === true,
    comment ?? null,
  ];
  return {
    chain: { family, table: 'netloom', name: 'postrouting', type: 'nat', hook: 'postrouting', priority: 'srcnat' },
    key: keyFor('masquerade', identity),
    rules: [{ ...linear, ...(comment === undefined ? {} : { comment }) }],
  };
}

function statementsOf(
  family: 'ip' | 'ip6',
  { outInterface, random, fullyRandom, persistent }: MasqueradeOptions,
  source: Prefix,
  exclude: readonly Prefix[],
  ports: readonly [first: number, last: number] | undefined,
): Statement[] {
  // as trees: the compiler cannot know that all of them are of one family
  const address = (field: 'saddr' | 'daddr'): Expr => ({ payload: { protocol: family, field } });
  const network = (of: Prefix): Expr => keyExpr(family === 'ip' ? 'ipv4_addr' : 'ipv6_addr', formatNetwork(of));
  const excluded = exclude.map(network);
  const flags: NatFlag[] = [];
  if (random === true) flags.push('random');
  if (fullyRandom === true) flags.push('fully-random');
  if (persistent === true) flags.push('persistent');
  return rule(
    { match: { left: address('saddr'), op: '==', right: network(source) } },
    excluded.length === 0
      ? undefined
      : { match: { left: address('daddr'), op: '!=', right: excluded.length === 1 ? excluded[0]! : { set: excluded } } },
    outInterface === undefined ? undefined : meta.oifname.in(outInterface),
    ports === undefined ? undefined : meta.l4proto.in('tcp', 'udp'),
    counter(),
    masqueradeStatement({
      ...(ports === undefined ? {} : { port: ports[0] === ports[1] ? ports[0] : range(...ports) }),
      ...(flags.length === 0 ? {} : { flags }),
    }),
  );
}

/** Sorted and without repetition, so that the order they are given in makes no other rule. */
function exclusions(given: string | readonly string[] | undefined, source: Prefix): Prefix[] {
  if (given === undefined) return [];
  const single = !Array.isArray(given);
  const list = single ? [given] : (given as readonly unknown[]);
  const byText = new Map<string, Prefix>();
  list.forEach((text, i) => {
    const argument = single ? 'excludeDestination' : `excludeDestination[${i}]`;
    const prefix = networkOption(text, argument);
    if (prefix.family !== source.family) {
      const name = (of: Prefix): string => (of.family === 'inet' ? 'IPv4' : 'IPv6');
      throw new InputError(argument, `${JSON.stringify(text)} is ${name(prefix)}, and the source is ${name(source)}`);
    }
    byText.set(formatNetwork(prefix), prefix);
  });
  return [...byText.keys()].sort().map((text) => byText.get(text)!);
}

/** First and last port. @throws InputError naming `toPorts` */
export function parsePorts(given: unknown): [first: number, last: number] {
  const parts = typeof given === 'number' ? [given, given] : typeof given === 'string' ? portsOfText(given) : given;
  if (!Array.isArray(parts) || parts.length !== 2)
    throw new InputError(
      'toPorts',
      `expected a port, two of them, or text such as "1024-65535", got ${show(given)}`,
      'ERR_INVALID_ARG_TYPE',
    );
  const [first, last] = parts as unknown[];
  for (const port of [first, last]) {
    if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535)
      throw new InputError('toPorts', `${show(port)} is no port from 1 to 65535`, 'ERR_OUT_OF_RANGE');
  }
  if ((first as number) > (last as number))
    throw new InputError('toPorts', `the first port, ${first}, is above the last, ${last}`, 'ERR_OUT_OF_RANGE');
  return [first as number, last as number];
}

function portsOfText(text: string): number[] {
  const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text);
  if (match === null) throw new InputError('toPorts', `${JSON.stringify(text)} is no port and no range such as "1024-65535"`);
  return [Number(match[1]), Number(match[2] ?? match[1])];
}
