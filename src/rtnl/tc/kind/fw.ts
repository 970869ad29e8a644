/** A filter by the mark of packets, which is its handle: tc-fw(8). Source: include/uapi/linux/pkt_cls.h (TCA_FW_*). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import type { Codec, Infer } from '../../../netlink/codec.ts';
import { u32 } from '../../../netlink/scalar.ts';
import { bytes, interfaceName } from '../../../netlink/text.ts';
import { tcActions } from '../action/action.ts';
import { classId } from '../filter-fields.ts';

const fw_ = attributes('TCA_FW', () => ({
  /** The class that packets belong to. */
  classId: attr('TCA_FW_CLASSID', 1, classId),
  police: attr('TCA_FW_POLICE', 2, bytes),
  /** Only packets that came in by this link. */
  indev: attr('TCA_FW_INDEV', 3, interfaceName),
  actions: attr('TCA_FW_ACT', 4, tcActions),
  /** The bits of the mark that count; one mask for all filters of a priority. Default: all. */
  mask: attr('TCA_FW_MASK', 5, u32),
}));

/** Options of fw. */
export interface FwOptions extends Infer<typeof fw_> {}
export const fw: Codec<FwOptions> = fw_;
