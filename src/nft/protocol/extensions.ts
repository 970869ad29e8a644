/** Headers and options that stand anywhere within a packet: IPv6 extension headers, options of TCP and IPv4, chunks of SCTP. Source: nft(8), EXTENSION HEADER EXPRESSIONS. */
import type { HeaderField } from './headers.ts';

/** Number, and fields by their bits from the start. */
interface Extension {
  readonly type: number;
  readonly fields: Readonly<Record<string, HeaderField>>;
}
type Extensions = Readonly<Record<string, Extension>>;

const first = { nexthdr: [0, 8, 'inet_proto'], hdrlength: [8, 8] } as const;

/** IPPROTO_* of the headers (include/uapi/linux/in6.h). */
export const extensionHeaders = {
  hbh: { type: 0, fields: first },
  rt: { type: 43, fields: { ...first, type: [16, 8], 'seg-left': [24, 8] } },
  rt0: { type: 43, fields: { addr: [64, 128, 'ipv6_addr'] } },
  rt2: { type: 43, fields: { addr: [64, 128, 'ipv6_addr'] } },
  srh: { type: 43, fields: { 'last-entry': [32, 8], flags: [40, 8], tag: [48, 16], sid: [64, 128, 'ipv6_addr'] } },
  frag: {
    type: 44,
    fields: {
      nexthdr: [0, 8, 'inet_proto'],
      reserved: [8, 8],
      'frag-off': [16, 13],
      reserved2: [29, 2],
      'more-fragments': [31, 1],
      id: [32, 32],
    },
  },
  dst: { type: 60, fields: first },
  mh: { type: 135, fields: { ...first, type: [16, 8, 'mh_type'], reserved: [24, 8], checksum: [32, 16] } },
} as const satisfies Extensions;

const tcpCommon = { kind: [0, 8], length: [8, 8] } as const;
const sackBlock = (index: number) => ({ ...tcpCommon, left: [16 + 64 * index, 32], right: [48 + 64 * index, 32] }) as const;

/** TCPOPT_*. */
export const tcpOptions = {
  eol: { type: 0, fields: { kind: [0, 8] } },
  nop: { type: 1, fields: { kind: [0, 8] } },
  maxseg: { type: 2, fields: { ...tcpCommon, size: [16, 16] } },
  window: { type: 3, fields: { ...tcpCommon, count: [16, 8] } },
  'sack-perm': { type: 4, fields: tcpCommon },
  sack: { type: 5, fields: sackBlock(0) },
  sack0: { type: 5, fields: sackBlock(0) },
  sack1: { type: 5, fields: sackBlock(1) },
  sack2: { type: 5, fields: sackBlock(2) },
  sack3: { type: 5, fields: sackBlock(3) },
  timestamp: { type: 8, fields: { ...tcpCommon, tsval: [16, 32], tsecr: [48, 32] } },
  md5sig: { type: 19, fields: tcpCommon },
  mptcp: { type: 30, fields: { ...tcpCommon, subtype: [16, 4] } },
  fastopen: { type: 34, fields: tcpCommon },
} as const satisfies Extensions;

/** IPOPT_*. */
export const ipOptions = {
  rr: { type: 7, fields: { type: [0, 8], length: [8, 8], ptr: [16, 8], addr: [24, 32, 'ipv4_addr'] } },
  lsrr: { type: 131, fields: { type: [0, 8], length: [8, 8], ptr: [16, 8], addr: [24, 32, 'ipv4_addr'] } },
  ssrr: { type: 137, fields: { type: [0, 8], length: [8, 8], ptr: [16, 8], addr: [24, 32, 'ipv4_addr'] } },
  ra: { type: 148, fields: { type: [0, 8], length: [8, 8], value: [16, 16] } },
} as const satisfies Extensions;

const chunkCommon = { type: [0, 8], flags: [8, 8], length: [16, 16] } as const;
const chunkInit = {
  ...chunkCommon,
  'init-tag': [32, 32],
  'a-rwnd': [64, 32],
  'num-outbound-streams': [96, 16],
  'num-inbound-streams': [112, 16],
  'initial-tsn': [128, 32],
} as const;

/** SCTP_CID_* (include/linux/sctp.h). */
export const sctpChunks = {
  data: { type: 0, fields: { ...chunkCommon, tsn: [32, 32], stream: [64, 16], ssn: [80, 16], ppid: [96, 32] } },
  init: { type: 1, fields: chunkInit },
  'init-ack': { type: 2, fields: chunkInit },
  sack: {
    type: 3,
    fields: { ...chunkCommon, 'cum-tsn-ack': [32, 32], 'a-rwnd': [64, 32], 'num-gap-ack-blocks': [96, 16], 'num-dup-tsns': [112, 16] },
  },
  heartbeat: { type: 4, fields: chunkCommon },
  'heartbeat-ack': { type: 5, fields: chunkCommon },
  abort: { type: 6, fields: chunkCommon },
  shutdown: { type: 7, fields: { ...chunkCommon, 'cum-tsn-ack': [32, 32] } },
  'shutdown-ack': { type: 8, fields: chunkCommon },
  error: { type: 9, fields: chunkCommon },
  'cookie-echo': { type: 10, fields: chunkCommon },
  'cookie-ack': { type: 11, fields: chunkCommon },
  ecne: { type: 12, fields: { ...chunkCommon, 'lowest-tsn': [32, 32] } },
  cwr: { type: 13, fields: { ...chunkCommon, 'lowest-tsn': [32, 32] } },
  'shutdown-complete': { type: 14, fields: chunkCommon },
  'asconf-ack': { type: 128, fields: { ...chunkCommon, seqno: [32, 32] } },
  'forward-tsn': { type: 192, fields: { ...chunkCommon, 'new-cum-tsn': [32, 32] } },
  asconf: { type: 193, fields: { ...chunkCommon, seqno: [32, 32] } },
} as const satisfies Extensions;
