/**
 * The types that nft(8) gives to values: how many bits, in which order, and what a person writes for them. The kernel does not look; a set
 * carries the number of its type so that whoever lists it can print its elements. Source: nft(8), DATA TYPES (`nft describe ipv4_addr`).
 */
import { noneOf } from '../../netlink/choices.ts';
import { InputError } from '../../netlink/errors.ts';
import * as names from './names.ts';

/** `host`: as the machine has its integers. `network`: the high byte first. */
export type ByteOrder = 'host' | 'network';

/** How a value is written: a number or one of its names, an address, text, or bytes. */
export type Form = 'integer' | 'boolean' | 'ipv4' | 'ipv6' | 'hardware' | 'text' | 'bytes';

/** A type of values that nft(8) has: nft describe. */
export interface DataType {
  /** Name, as nft(8) has it: `ipv4_addr`, `inet_service`, … */
  readonly name: string;
  /** The number nft knows the type by. */
  readonly id: number;
  /** Bits of a value; 0: the set says how many bytes. */
  readonly bits: number;
  /** Byte order of its values in registers. */
  readonly order: ByteOrder;
  /** How its values are written. */
  readonly form: Form;
  /** Names of values. */
  readonly values?: Readonly<Record<string, number>>;
}

type Entry = readonly [id: number, bits: number, order: ByteOrder, form: Form, values?: Readonly<Record<string, number>>];

const entries = {
  nf_proto: [2, 8, 'host', 'integer', names.netfilterProtocols],
  bitmask: [3, 0, 'host', 'integer'],
  integer: [4, 0, 'network', 'integer'],
  string: [5, 0, 'host', 'text'],
  ll_addr: [6, 0, 'network', 'bytes'],
  ipv4_addr: [7, 32, 'network', 'ipv4'],
  ipv6_addr: [8, 128, 'network', 'ipv6'],
  ether_addr: [9, 48, 'network', 'hardware'],
  ether_type: [10, 16, 'network', 'integer', names.etherTypes],
  arp_op: [11, 16, 'network', 'integer', names.arpOperations],
  inet_proto: [12, 8, 'network', 'integer', names.internetProtocols],
  inet_service: [13, 16, 'network', 'integer'],
  icmp_type: [14, 8, 'network', 'integer', names.icmpTypes],
  tcp_flag: [15, 8, 'host', 'integer', names.tcpFlags],
  // four bits, which nft leaves where they are in their byte when it makes sets of them
  dccp_pkttype: [16, 8, 'network', 'integer', names.dccpPacketTypes],
  mh_type: [17, 8, 'network', 'integer', names.mobilityTypes],
  time: [18, 64, 'host', 'integer'],
  mark: [19, 32, 'host', 'integer'],
  iface_index: [20, 32, 'host', 'integer'],
  iface_type: [21, 16, 'host', 'integer', names.interfaceTypes],
  realm: [22, 32, 'host', 'integer'],
  classid: [23, 32, 'host', 'integer'],
  uid: [24, 32, 'host', 'integer'],
  gid: [25, 32, 'host', 'integer'],
  ct_state: [26, 32, 'host', 'integer', names.ctStates],
  ct_dir: [27, 8, 'host', 'integer', names.ctDirections],
  ct_status: [28, 32, 'host', 'integer', names.ctStatuses],
  icmpv6_type: [29, 8, 'network', 'integer', names.icmpv6Types],
  ct_label: [30, 128, 'host', 'bytes'],
  pkt_type: [31, 8, 'host', 'integer', names.packetTypes],
  icmp_code: [32, 8, 'network', 'integer', names.icmpCodes],
  icmpv6_code: [33, 8, 'network', 'integer', names.icmpv6Codes],
  icmpx_code: [34, 8, 'network', 'integer', names.icmpxCodes],
  devgroup: [35, 32, 'host', 'integer'],
  dscp: [36, 6, 'network', 'integer', names.dscps],
  ecn: [37, 2, 'network', 'integer', names.ecns],
  fib_addrtype: [38, 32, 'host', 'integer', names.fibAddressTypes],
  boolean: [39, 1, 'host', 'boolean'],
  ct_event: [40, 32, 'host', 'integer', names.ctEvents],
  ifname: [41, 128, 'host', 'text'],
  igmp_type: [42, 8, 'network', 'integer', names.igmpTypes],
  time_date: [43, 64, 'host', 'integer'],
  hour: [44, 32, 'host', 'integer'],
  day: [45, 8, 'host', 'integer', names.days],
  cgroupsv2: [46, 64, 'host', 'integer'],
} as const satisfies Readonly<Record<string, Entry>>;

/** A type of values, as nft(8) names it: `ipv4_addr`, `inet_service`. */
export type DataTypeName = keyof typeof entries;

/** The type of a name. @throws InputError */
export function dataType(name: unknown): DataType {
  if (typeof name !== 'string' || !Object.hasOwn(entries, name)) throw new InputError('', noneOf(name, Object.keys(entries)));
  return fromEntry(name as DataTypeName);
}

let byId: ReadonlyMap<number, DataTypeName> | undefined;

/** The type that a number stands for; undefined: one of a newer nft, or of another program. */
export function dataTypeOf(id: number): DataType | undefined {
  byId ??= new Map(Object.entries(entries).map(([name, [number]]) => [number, name as DataTypeName]));
  const name = byId.get(id);
  return name === undefined ? undefined : fromEntry(name);
}

function fromEntry(name: DataTypeName): DataType {
  const [id, bits, order, form, values]: Entry = entries[name];
  return { name, id, bits, order, form, ...(values === undefined ? {} : { values }) };
}
