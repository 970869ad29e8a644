/** What a {@link Link} is made from: link messages read for what it shows, and no more. */

import type { RawAttribute } from '../../netlink/attributes.ts';
import type { Codec } from '../../netlink/codec.ts';
import { view } from '../../netlink/view.ts';
import { ifinfomsg, type LinkAttributes, type LinkHeader, linkAttributes } from './message.ts';

const shown = [
  'name',
  'mtu',
  'address',
  'broadcast',
  'operState',
  'carrier',
  'master',
  'link',
  'linkNetnsid',
  'txQueueLength',
  'group',
  'alias',
  'altNames',
  'qdisc',
  'numTxQueues',
  'numRxQueues',
  'minMtu',
  'maxMtu',
  'promiscuity',
  'info',
] as const satisfies readonly (keyof LinkAttributes)[];

type Shown = { [K in (typeof shown)[number] | 'stats']?: LinkAttributes[K] | undefined };

/** A link message as far as a {@link Link} shows it. */
export interface LinkRead extends LinkHeader, Shown {
  unknown?: RawAttribute[] | undefined;
}

export const linkView: Codec<LinkRead> = view('IFLA', ifinfomsg, linkAttributes, shown);
/** With the counters: 25 more numbers a link. */
export const linkViewWithStats: Codec<LinkRead> = view('IFLA', ifinfomsg, linkAttributes, [...shown, 'stats']);
