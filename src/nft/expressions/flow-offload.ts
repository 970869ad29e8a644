/** `flow_offload`: puts a connection into a flowtable. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_FLOW_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { string } from '../../netlink/text.ts';
import { line } from './text.ts';

const flowOffload_ = attributes('NFTA_FLOW', () => ({
  /** Name of the flowtable, of the same table. */
  table: attr('NFTA_FLOW_TABLE_NAME', 1, string(255)),
}));
export interface FlowOffload extends Infer<typeof flowOffload_> {}
export const flowOffload: Codec<FlowOffload> = flowOffload_;

export function explainFlowOffload(of: FlowOffload): string {
  return line('flowtable', of.table);
}
