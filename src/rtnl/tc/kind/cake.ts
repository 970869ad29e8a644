/** A shaper with fair queues for links of homes and offices: tc-cake(8). Source: include/uapi/linux/pkt_sched.h (TCA_CAKE_*). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { type EnumerationCodec, enumeration } from '../../../netlink/enumeration.ts';
import { InputError } from '../../../netlink/errors.ts';
import { bool32, n64, s32, show, u32 } from '../../../netlink/scalar.ts';
import { bytes } from '../../../netlink/text.ts';

/** There or not; the kernel asks for a u32 that says nothing. */
const there: Codec<true> = mapped<number, true>(
  u32,
  'there',
  () => true,
  (value: unknown) => {
    if (value !== true) throw new InputError('', `expected true, got ${show(value)}; leave it out to unset it`, 'ERR_INVALID_ARG_TYPE');
    return 0;
  },
);

const priorities = { diffserv3: 0, diffserv4: 1, diffserv8: 2, besteffort: 3, precedence: 4 } as const;
const isolations = {
  ...{ flowblind: 0, srchost: 1, dsthost: 2, hosts: 3, flows: 4, 'dual-srchost': 5, 'dual-dsthost': 6, 'triple-isolate': 7 },
} as const;
const cells = { none: 0, atm: 1, ptm: 2 } as const;
const filters = { none: 0, on: 1, aggressive: 2 } as const;
const named = <const M extends Readonly<Record<string, number>>>(values: M): EnumerationCodec<M> => enumeration(u32, values);

const cake_ = attributes('TCA_CAKE', () => ({
  pad: attr('TCA_CAKE_PAD', 1, bytes),
  /** Bytes a second; 0: no limit. Default: 0. */
  rate: attr('TCA_CAKE_BASE_RATE64', 2, n64),
  /** How packets are told apart by their DS field. Default: `diffserv3`. */
  diffserv: attr('TCA_CAKE_DIFFSERV_MODE', 3, named(priorities)),
  /** What packets are carried by. Default: `none`. */
  cells: attr('TCA_CAKE_ATM', 4, named(cells)),
  /** What is fair to whom. Default: `triple-isolate`. */
  flowMode: attr('TCA_CAKE_FLOW_MODE', 5, named(isolations)),
  /** Bytes added to each packet, -64 to 256. Default: what the kernel counts. */
  overhead: attr('TCA_CAKE_OVERHEAD', 6, s32),
  /** Microseconds that a way there and back takes. Default: 100,000. */
  rtt: attr('TCA_CAKE_RTT', 7, u32),
  /** Microseconds that packets may wait for long. Default: by `rtt`. */
  target: attr('TCA_CAKE_TARGET', 8, u32),
  /** The rate follows what comes in. Default: false. */
  autorate: attr('TCA_CAKE_AUTORATE', 9, bool32),
  /** Bytes of memory that packets may take; 0: by the rate. Default: 0. */
  memoryLimit: attr('TCA_CAKE_MEMORY', 10, u32),
  /** Hosts are told apart as they were before translation. Default: false. */
  nat: attr('TCA_CAKE_NAT', 11, bool32),
  /** Packets count for what the kernel counts, whatever `overhead` says. */
  raw: attr('TCA_CAKE_RAW', 12, there),
  /** The DS field is emptied. Default: false. */
  wash: attr('TCA_CAKE_WASH', 13, bool32),
  /** Bytes that a packet counts for at least. Default: 0. */
  mpu: attr('TCA_CAKE_MPU', 14, u32),
  /** It shapes what comes in: what it drops counts as well. Default: false. */
  ingress: attr('TCA_CAKE_INGRESS', 15, bool32),
  /** Whether acknowledgements that others contain are dropped. Default: `none`. */
  ackFilter: attr('TCA_CAKE_ACK_FILTER', 16, named(filters)),
  /** Packets that hardware would segment are segmented first. Default: true. */
  splitGso: attr('TCA_CAKE_SPLIT_GSO', 17, bool32),
  /** Bits of the mark that choose the tin in place of the DS field. Default: 0. */
  firewallMark: attr('TCA_CAKE_FWMARK', 18, u32),
}));

/** Options of cake. */
export interface CakeOptions extends Infer<typeof cake_> {}
export const cake: Codec<CakeOptions> = cake_;
