/** A filter that reckons the class of a packet: tc-flow(8). Source: include/uapi/linux/pkt_cls.h (TCA_FLOW_*). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, NLA_F_NESTED } from '../../../netlink/codec.ts';
import { enumeration, flags } from '../../../netlink/enumeration.ts';
import { u32 } from '../../../netlink/scalar.ts';
import { bytes } from '../../../netlink/text.ts';
import { tcActions } from '../action/action.ts';
import { ematches } from '../ematch/tree.ts';
import { classId } from '../filter-fields.ts';

/** FLOW_KEY_*, by their names in tc(8). */
const keys = {
  ...{ src: 1, dst: 2, proto: 4, 'proto-src': 8, 'proto-dst': 16, iif: 32, priority: 64, mark: 128, nfct: 256, 'nfct-src': 512 },
  ...{ 'nfct-dst': 1024, 'nfct-proto-src': 2048, 'nfct-proto-dst': 4096, 'rt-classid': 8192, 'sk-uid': 16384, 'sk-gid': 32768 },
  ...{ 'vlan-tag': 65536, rxhash: 131072 },
} as const;

const flow_ = attributes('TCA_FLOW', () => ({
  /** What it goes by. With `map` one. */
  keys: attr('TCA_FLOW_KEYS', 1, flags(u32, keys)),
  /** `map`: the key is a number that is reckoned with; `hash`: the hash of the keys. */
  mode: attr('TCA_FLOW_MODE', 2, enumeration(u32, { map: 0, hash: 1 })),
  /** The class that 0 stands for. Default: 1 of the qdisc. */
  baseClass: attr('TCA_FLOW_BASECLASS', 3, classId),
  /** Bits by which the key is shifted to the right. */
  shift: attr('TCA_FLOW_RSHIFT', 4, u32),
  /** What is added to it. */
  addend: attr('TCA_FLOW_ADDEND', 5, u32),
  /** The bits of it that are left. */
  mask: attr('TCA_FLOW_MASK', 6, u32),
  /** What it is combined with. */
  xor: attr('TCA_FLOW_XOR', 7, u32),
  /** Classes: the remainder counts. */
  divisor: attr('TCA_FLOW_DIVISOR', 8, u32),
  actions: attr('TCA_FLOW_ACT', 9, tcActions),
  police: attr('TCA_FLOW_POLICE', 10, { ...bytes, typeFlags: NLA_F_NESTED }),
  /** As of basic. */
  ematches: attr('TCA_FLOW_EMATCHES', 11, ematches),
  /** Seconds after which packets are hashed anew. */
  perturb: attr('TCA_FLOW_PERTURB', 12, u32),
}));

/** Options of flow. */
export interface FlowOptions extends Infer<typeof flow_> {}
export const flow: Codec<FlowOptions> = flow_;
