/** What statements, and elements of sets, keep of the packets that came by. Source: nft(8), STATEFUL OBJECTS. */

export interface CounterState {
  readonly packets?: number;
  readonly bytes?: number;
}
export type ByteUnit = 'bytes' | 'kbytes' | 'mbytes';
export interface QuotaState {
  readonly val: number;
  readonly val_unit?: ByteUnit;
  readonly used?: number;
  readonly used_unit?: ByteUnit;
  /** Matches once it is used up. */
  readonly inv?: boolean;
}
export type TimeUnit = 'second' | 'minute' | 'hour' | 'day' | 'week';
export interface LimitState {
  readonly rate: number;
  readonly rate_unit?: 'packets' | ByteUnit;
  readonly per: TimeUnit;
  /** Default: 5 packets, or 0 bytes. */
  readonly burst?: number;
  readonly burst_unit?: 'packets' | ByteUnit;
  /** Matches what is above the rate. */
  readonly inv?: boolean;
}
export interface ConnectionCount {
  readonly val: number;
  readonly inv?: boolean;
}
export interface LastState {
  /** Milliseconds since a packet came by last. */
  readonly used?: number;
}

/** What elements come with: each by the name of its statement. */
export interface Stateful {
  readonly counter?: CounterState | null;
  readonly quota?: QuotaState;
  readonly limit?: LimitState;
  readonly 'ct count'?: ConnectionCount;
  readonly last?: LastState | null;
}
