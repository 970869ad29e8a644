/** `notrack`: keeps a packet out of connection tracking. It has no attributes. Source: nft(8), NOTRACK STATEMENT. */
import { attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';

const notrack_ = attributes('NOTRACK', () => ({}));
export interface Notrack extends Infer<typeof notrack_> {}
export const notrack: Codec<Notrack> = notrack_;

export function explainNotrack(): string {
  return '';
}
