/** What a {@link Link} is made from: link messages read for what it shows, and no more. */

import { type AttributeSet, attr, attributes, type RawAttribute } from '../../netlink/attributes.ts';
import type { Codec } from '../../netlink/codec.ts';
import { view } from '../../netlink/view.ts';
import { afSpecShown } from './af-spec.ts';
import { ifinfomsg, type LinkAttributes, type LinkHeader, linkAttributes } from './message.ts';

const shown = [
  'name',
  'mtu',
  'address',
  'broadcast',
  'operState',
  'carrier',
  'carrierChanges',
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
  'allMulticast',
  'linkMode',
  'gsoMaxSize',
  'gsoMaxSegs',
  'groMaxSize',
  'gsoIpv4MaxSize',
  'groIpv4MaxSize',
  'tsoMaxSize',
  'tsoMaxSegs',
  'maxPacingOffloadHorizon',
  'protoDown',
  'protoDownReason',
  'permanentAddress',
  'physPortId',
  'physPortName',
  'physSwitchId',
  'parentDevName',
  'parentDevBusName',
  'headroom',
  'tailroom',
  'netnsImmutable',
  'newNetnsid',
  'newIndex',
  'xdp',
  'afSpec',
  'info',
] as const satisfies readonly (keyof LinkAttributes)[];

/** The counters: 27 more numbers a link. */
const counted = ['stats', 'carrierUpCount', 'carrierDownCount'] as const satisfies readonly (keyof LinkAttributes)[];

type Shown = { [K in (typeof shown)[number] | (typeof counted)[number] | 'vfInfoList']?: LinkAttributes[K] | undefined };

/** A link message as far as a {@link Link} shows it. */
export interface LinkRead extends LinkHeader, Shown {
  unknown?: RawAttribute[] | undefined;
}

/** The attributes, but of what the families make of a link no more than can be set. */
const inBrief = attributes('IFLA', () => ({ ...linkAttributes.declarations, afSpec: attr('IFLA_AF_SPEC', 26, afSpecShown) }));

export const linkView: Codec<LinkRead> = view('IFLA', ifinfomsg, inBrief as AttributeSet<LinkAttributes>, shown);
/** With the counters. */
export const linkViewWithStats: Codec<LinkRead> = view('IFLA', ifinfomsg, inBrief as AttributeSet<LinkAttributes>, [...shown, ...counted]);
/** With everything that has to be asked for. */
export const linkViewWithAll: Codec<LinkRead> = view('IFLA', ifinfomsg, linkAttributes, [...shown, ...counted, 'vfInfoList']);
