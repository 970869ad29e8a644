/** Where a packet goes. Source: rtnetlink(7), ip-route(8) "get". */
import { addressBits, formatAddress, parsePrefix } from '../../netlink/address.ts';
import { InputError, NetlinkError } from '../../netlink/errors.ts';
import { checkBoolean, checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import { ask, type CallOptions, type Program } from '../../netlink/program.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { familyNumber } from '../family.ts';
import { type IpProtocol, ipProtocol } from '../ip-protocol.ts';
import { type LinkRef, type Named, resolveLinks } from '../link/reference.ts';
import { RTM_F_FIB_MATCH, RTM_F_LOOKUP_TABLE } from './enumerations.ts';
import { getRoute, type RouteMessageInput } from './message.ts';
import { namedRoute } from './read.ts';
import type { Route } from './route.ts';
import { addressOf } from './spec.ts';

/** What may decide where a packet goes, besides its destination. */
export interface LookupOptions extends CallOptions {
  /** Source address of the packet. */
  from?: string;
  /** Link that the packet came in by. */
  iif?: LinkRef;
  /** Link that the packet is to leave by. */
  oif?: LinkRef;
  /** Mark of the packet. Default: 0. */
  mark?: number;
  /** Id of the user whose packet it is. Default: the caller's, and with `iif` nobody's. */
  uid?: number;
  /** Type of service; the DSCP is its upper six bits. IPv6: the traffic class. */
  tos?: number;
  /** IPv6. Linux 6.14. */
  flowLabel?: number;
  /** Protocol over IP. Rules may choose by it, and a multipath route too. */
  ipProto?: IpProtocol;
  /** Source port. */
  sport?: number;
  /** Destination port. */
  dport?: number;
  /** Answer with the route that matches as it is in its table. Default: with what applies to this packet. */
  fibMatch?: boolean;
}

const lookupMembers = memberNames<Omit<LookupOptions, keyof CallOptions>>({
  from: true,
  iif: true,
  oif: true,
  mark: true,
  uid: true,
  tos: true,
  flowLabel: true,
  ipProto: true,
  sport: true,
  dport: true,
  fibMatch: true,
});

const integers = { mark: 0xffffffff, uid: 0xffffffff, sport: 0xffff, dport: 0xffff, flowLabel: 0xfffff } as const;

/** Where a packet to `address` goes: what `ip route get` answers. */
export function* lookup(address: string, options: LookupOptions = {}): Program<Route> {
  checkOptions(options, 'options', lookupMembers);
  checkBoolean(options.fibMatch, 'fibMatch');
  const { family, bytes, length } = inArgument('address', () => parsePrefix(address));
  if (length !== addressBits(family)) throw new InputError('address', `expected an address without a length, got ${show(address)}`);
  const value: RouteMessageInput = { family: familyNumber(family), dst: formatAddress(bytes), dstLength: length };
  // IPv6 always says the table, and refuses the flag
  value.flags = (family === 'inet' ? RTM_F_LOOKUP_TABLE : 0) | (options.fibMatch === true ? RTM_F_FIB_MATCH : 0);
  if (options.from !== undefined) {
    value.src = addressOf(options.from, 'from', family);
    value.srcLength = length;
  }
  if (options.tos !== undefined) {
    inArgument('tos', () => checkInteger(options.tos, 0, 0xff));
    value.tos = options.tos;
  }
  for (const [member, maximum] of Object.entries(integers) as [keyof typeof integers, number][]) {
    const given = options[member];
    if (given === undefined) continue;
    inArgument(member, () => checkInteger(given, 0, maximum));
    value[member] = given;
  }
  if (options.ipProto !== undefined) {
    value.ipProto = inArgument('ipProto', () => ipProtocol.valueOf(options.ipProto!));
    inArgument('ipProto', () => checkInteger(value.ipProto, 0, 255));
  }
  if (options.flowLabel !== undefined && family !== 'inet6') throw new InputError('flowLabel', 'only IPv6 packets have one');
  const links: (Named & { member: 'iif' | 'oif' })[] = [];
  for (const member of ['iif', 'oif'] as const) {
    const ref = options[member];
    if (ref !== undefined) links.push({ ref, argument: member, member });
  }
  const indexes = yield* resolveLinks(links);
  links.forEach(({ member }, i) => {
    value[member] = indexes[i]!;
  });
  try {
    const wire = yield* ask({
      operation: getRoute,
      flags: 0,
      value,
      expects: 'reply' as const,
      subject: `lookup of ${address}`,
      rename: renameLookupPath,
    });
    return yield* namedRoute(wire);
  } catch (error) {
    throw error instanceof NetlinkError && error.code === 'EACCES' ? prohibited(error) : error;
  }
}

/** Looking up needs no privilege: what is refused is the packet. */
function prohibited({ syscall, subject, errno, extack }: NetlinkError): NetlinkError {
  const hint = 'a route or a rule of the type `prohibit` says so';
  return new NetlinkError({ syscall, subject, errno, hint, ...(extack === undefined ? {} : { extack }) });
}

function renameLookupPath(path: string): string {
  return path === 'dst' ? 'address' : path === 'src' ? 'from' : path;
}
