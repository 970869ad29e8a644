/** How far an address or a route reaches. Source: include/uapi/linux/rtnetlink.h (enum rt_scope_t). */
import { type Enumerated, type EnumerationCodec, enumeration } from '../netlink/enumeration.ts';
import { u8 } from '../netlink/scalar.ts';
import { byNumber } from './by-number.ts';

const scopes = { global: 0, site: 200, link: 253, host: 254, nowhere: 255, universe: 0 } as const;

/** A scope as ip(8) names it: `global` (of which `universe` is another name), `site`, `link`, `host`, `nowhere`; others as numbers. */
export type Scope = Enumerated<typeof scopes>;

export const scope: EnumerationCodec<typeof scopes> = enumeration(u8, scopes, byNumber('rt_scopes'));
