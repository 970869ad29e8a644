/**
 * What makes objects of traffic control, by the kind that is named: its options and no others', so that the compiler can say what they are. Where the kind is known at run
 * time only, or comes with what a listing returned, that of any kind.
 */
import type { CallOptions } from '../../netlink/program.ts';
import type { OnLink } from '../named-link.ts';
import type { ActionBase, TcActionKinds } from './action/action.ts';
import type { TrafficActionSpec } from './action/programs.ts';
import type { ClassPlace, TrafficClassSpec } from './class.ts';
import type { FilterPlace, TrafficFilterSpec } from './filter.ts';
import type { TcHandle } from './handle.ts';
import type { ClassKinds, FilterKinds, QdiscKinds } from './kinds.ts';
import type { TcTold } from './object.ts';
import type { QdiscPlace, QdiscSpec } from './qdisc.ts';

/** What makes a qdisc of one kind. */
export interface QdiscOfKind<K extends keyof QdiscKinds> extends OnLink, QdiscPlace, TcTold, CallOptions {
  /** What to make: it decides on `options`. Source: tc(8). */
  kind: K;
  /** Options of the kind. */
  options?: QdiscKinds[K];
}

/** What makes a class of a qdisc of one kind. */
export interface TrafficClassOfKind<K extends keyof ClassKinds> extends OnLink, ClassPlace, TcTold, CallOptions {
  /** Kind of the qdisc that it belongs to: it decides on `options`. Source: tc(8). */
  kind: K;
  /** Options of the kind. */
  options?: ClassKinds[K];
  /** Handle of the qdisc below it. Read only. */
  leaf?: TcHandle;
}

/** What makes a filter of one kind. */
export interface TrafficFilterOfKind<K extends keyof FilterKinds> extends OnLink, FilterPlace, TcTold, CallOptions {
  /** What to make: it decides on `options`. Source: tc(8). */
  kind: K;
  /** Options of the kind. */
  options?: FilterKinds[K];
}

/** What makes an action of one kind. */
export interface TrafficActionOfKind<K extends keyof TcActionKinds> extends ActionBase, CallOptions {
  /** What to make: it decides on `options`. Source: tc-actions(8). */
  kind: K;
  /** Options of the kind. */
  options?: TcActionKinds[K];
}

/** What makes a qdisc of the kind that is named. */
export type QdiscSpecOf<K extends string> = K extends keyof QdiscKinds ? QdiscOfKind<K> : QdiscSpec;

/** What makes a class of the kind that is named. */
export type TrafficClassSpecOf<K extends string> = K extends keyof ClassKinds ? TrafficClassOfKind<K> : TrafficClassSpec;

/** What makes a filter of the kind that is named. */
export type TrafficFilterSpecOf<K extends string> = K extends keyof FilterKinds ? TrafficFilterOfKind<K> : TrafficFilterSpec;

/** What makes an action of the kind that is named. */
export type TrafficActionSpecOf<K extends string> = K extends keyof TcActionKinds ? TrafficActionOfKind<K> : TrafficActionSpec;
