/** A filter that every packet matches: tc-matchall(8). Source: include/uapi/linux/pkt_cls.h (TCA_MATCHALL_*). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { bytes } from '../../../netlink/text.ts';
import { tcActions } from '../action/action.ts';
import { classId, filterFlags } from '../filter-fields.ts';

const matchall_ = attributes('TCA_MATCHALL', () => ({
  /** The class that packets belong to. */
  classId: attr('TCA_MATCHALL_CLASSID', 1, classId),
  actions: attr('TCA_MATCHALL_ACT', 2, tcActions),
  flags: attr('TCA_MATCHALL_FLAGS', 3, filterFlags),
  /** Read only: struct tc_matchall_pcnt. */
  counters: attr('TCA_MATCHALL_PCNT', 4, bytes),
  pad: attr('TCA_MATCHALL_PAD', 5, bytes),
}));

/** Options of matchall. */
export interface MatchallOptions extends Infer<typeof matchall_> {}
export const matchall: Codec<MatchallOptions> = matchall_;
