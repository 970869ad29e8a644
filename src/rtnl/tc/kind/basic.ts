/** A filter by an expression of ematches, and one by the cgroup of who sends: tc-basic(8), tc-cgroup(8). Source: include/uapi/linux/pkt_cls.h (TCA_BASIC_*, TCA_CGROUP_*). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { bytes } from '../../../netlink/text.ts';
import { tcActions } from '../action/action.ts';
import { ematches } from '../ematch/tree.ts';
import { classId } from '../filter-fields.ts';

const basic_ = attributes('TCA_BASIC', () => ({
  /** The class that packets belong to. */
  classId: attr('TCA_BASIC_CLASSID', 1, classId),
  /** The expression. Default: every packet. */
  ematches: attr('TCA_BASIC_EMATCHES', 2, ematches),
  actions: attr('TCA_BASIC_ACT', 3, tcActions),
  police: attr('TCA_BASIC_POLICE', 4, bytes),
  /** Read only: struct tc_basic_pcnt. */
  counters: attr('TCA_BASIC_PCNT', 5, bytes),
  pad: attr('TCA_BASIC_PAD', 6, bytes),
}));

/** Options of basic. */
export interface BasicOptions extends Infer<typeof basic_> {}
export const basic: Codec<BasicOptions> = basic_;

const cgroup_ = attributes('TCA_CGROUP', () => ({
  actions: attr('TCA_CGROUP_ACT', 1, tcActions),
  police: attr('TCA_CGROUP_POLICE', 2, bytes),
  /** As of basic. */
  ematches: attr('TCA_CGROUP_EMATCHES', 3, ematches),
}));

/** Options of cgroup: the class is that of `net_cls.classid`. */
export interface CgroupOptions extends Infer<typeof cgroup_> {}
export const cgroup: Codec<CgroupOptions> = cgroup_;
