/** What a kind of tunnel is made of. */
import type { AttributeSet, WithUnknown } from '../../../netlink/attributes.ts';

/** One kind of tunnel: its number, its attributes, and how callers see them. */
export interface EncapKind {
  /** LWTUNNEL_ENCAP_* (include/uapi/linux/lwtunnel.h). */
  readonly number: number;
  /** What a kernel needs for it. */
  readonly needs: string;
  // biome-ignore lint/suspicious/noExplicitAny: a table holds sets of any type
  readonly set: AttributeSet<any>;
  /** Attributes that hold the index of a link. */
  readonly links?: readonly string[];
  /** From attributes to what callers see, where it is not the same. @throws MalformedMessageError */
  readonly fromWire?: (attributes: Readonly<Record<string, unknown>> & WithUnknown) => Record<string, unknown>;
  /** The reverse. @throws InputError */
  readonly toWire?: (value: Readonly<Record<string, unknown>>) => Record<string, unknown>;
}
