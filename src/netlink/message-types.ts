/**
 * Which message types there are, for descriptions and traces. This layer knows none but the kernel's own four: the families above
 * register theirs, as functions that are called when the first message is described.
 */
import type { Codec } from './codec.ts';
import { InputError } from './errors.ts';
import { show } from './scalar.ts';

/** A message type of one protocol. Every {@link Operation} is one. */
export interface MessageType {
  /** Constant of the type: `RTM_NEWLINK`. */
  readonly name: string;
  /** nlmsg_type. */
  readonly type: number;
  /** What follows the header. Absent: the type has a name and no schema; its payload is shown as bytes. */
  // biome-ignore lint/suspicious/noExplicitAny: bodies of any type
  readonly body?: Codec<any>;
  /** Where the kernel uses the number for several bodies: which of them a message has. Absent: it is always `body`. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly choose?: (message: MessageTraits) => Codec<any>;
}

/** What tells the bodies of one message type apart. */
export interface MessageTraits {
  /** It asks something of the kernel: NLM_F_REQUEST. What the kernel answers and announces has it not. */
  readonly request: boolean;
  /** The first byte behind the header, which is the family in most protocols. */
  readonly family: number;
}

/** NETLINK_* (include/uapi/linux/netlink.h), in lower case. */
export const protocolNumbers = {
  route: 0,
  usersock: 2,
  firewall: 3,
  sock_diag: 4,
  nflog: 5,
  xfrm: 6,
  selinux: 7,
  iscsi: 8,
  audit: 9,
  fib_lookup: 10,
  connector: 11,
  netfilter: 12,
  ip6_fw: 13,
  dnrtmsg: 14,
  kobject_uevent: 15,
  generic: 16,
  scsitransport: 18,
  ecryptfs: 19,
  rdma: 20,
  crypto: 21,
  smc: 22,
} as const;

/** A netlink protocol by the name of its constant (NETLINK_ROUTE is `route`) or by its number. */
export type ProtocolRef = keyof typeof protocolNumbers | number;

const protocolNames = new Map<number, string>(Object.entries(protocolNumbers).map(([name, number]) => [number, name]));

/** `NETLINK_ROUTE`, or `netlink protocol 25`. */
export function protocolName(protocol: number): string {
  const name = protocolNames.get(protocol);
  return name === undefined ? `netlink protocol ${protocol}` : `NETLINK_${name.toUpperCase()}`;
}

/** @throws InputError naming `protocol` */
export function protocolNumber(protocol: unknown): number {
  if (typeof protocol === 'string' && Object.hasOwn(protocolNumbers, protocol))
    return protocolNumbers[protocol as keyof typeof protocolNumbers];
  if (typeof protocol === 'number' && Number.isInteger(protocol) && protocol >= 0 && protocol <= 0xffff) return protocol;
  throw new InputError('protocol', `${show(protocol)} is neither a number nor one of ${Object.keys(protocolNumbers).join(', ')}`);
}

/** Loads the schemas of a protocol: called when a message of it is first to be shown. */
export type Load = () => readonly MessageType[];

interface Registered {
  readonly loads: Set<Load>;
  table: ReadonlyMap<number, MessageType> | undefined;
}

const registered = new Map<number, Registered>();

/**
 * Makes message types known to `describe` and to traces: `registerMessages(NETLINK_ROUTE, () => [newThing, getThing])`. `load` is called
 * when a message of the protocol is first described. Of several entries of one type, one with a body wins.
 */
export function registerMessages(protocol: ProtocolRef, load: Load): void {
  const number = protocolNumber(protocol);
  if (typeof load !== 'function') throw new InputError('load', 'expected a function that returns message types', 'ERR_INVALID_ARG_TYPE');
  const known = registered.get(number);
  if (known === undefined) registered.set(number, { loads: new Set([load]), table: undefined });
  else {
    known.loads.add(load);
    known.table = undefined;
  }
}

/** Whether anybody has registered types of a protocol. */
export function isRegistered(protocol: number): boolean {
  return registered.has(protocol);
}

/** The type of a number, if it is known. */
export function messageType(protocol: number, type: number): MessageType | undefined {
  return messageTypes(protocol).get(type);
}

/** The schema of what follows the header of a message, if there is one. */
export function messageBody(type: MessageType | undefined, traits: MessageTraits): MessageType['body'] {
  return type?.choose === undefined ? type?.body : type.choose(traits);
}

/** The type of a constant, if it is known. */
export function messageTypeNamed(protocol: number, name: string): MessageType | undefined {
  for (const type of messageTypes(protocol).values()) if (type.name === name) return type;
  return undefined;
}

const none: ReadonlyMap<number, MessageType> = new Map();

function messageTypes(protocol: number): ReadonlyMap<number, MessageType> {
  const known = registered.get(protocol);
  if (known === undefined) return none;
  if (known.table === undefined) {
    const table = new Map<number, MessageType>();
    for (const load of known.loads)
      for (const entry of load()) if (entry.body !== undefined || table.get(entry.type)?.body === undefined) table.set(entry.type, entry);
    known.table = table;
  }
  return known.table;
}
