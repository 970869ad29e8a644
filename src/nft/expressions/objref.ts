/** `objref`: applies a named object: a counter, a quota, a helper of connection tracking. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_OBJREF_*). */
import { attr, attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import { be32 } from '../../netlink/scalar.ts';
import { string } from '../../netlink/text.ts';
import { objectType } from '../object-type.ts';
import { line } from './text.ts';

const objref_ = attributes('NFTA_OBJREF', () => ({
  /** Type of the one object that `name` names. */
  type: attr('NFTA_OBJREF_IMM_TYPE', 1, objectType),
  /** Name of the object. */
  name: attr('NFTA_OBJREF_IMM_NAME', 2, string(255)),
  /** Register with the key to look the object up by in the map `set`. */
  sreg: attr('NFTA_OBJREF_SET_SREG', 3, be32),
  /** Name of the map; `__objmap%d` for an anonymous one made in this transaction. */
  set: attr('NFTA_OBJREF_SET_NAME', 4, string(255)),
  /** NFTA_SET_ID of the map, when it is made in this transaction. */
  setId: attr('NFTA_OBJREF_SET_ID', 5, be32),
}));
/** Either one object (`type`, `name`) or the one that a map holds for a register (`sreg`, `set`). */
export interface Objref extends Infer<typeof objref_> {}
export const objref: Codec<Objref> = objref_;

export function explainObjref(of: Objref): string {
  if (of.sreg !== undefined) return line('sreg', of.sreg, 'set', of.set);
  return line('type', of.type === undefined ? 0 : objectType.valueOf(of.type), 'name', of.name);
}
