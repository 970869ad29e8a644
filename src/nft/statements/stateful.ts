/** What statements, and elements of sets, keep of the packets that came by. Source: nft(8), STATEFUL OBJECTS. */

/** What came by. */
export interface CounterState {
  /** Packets. Default: 0. */
  readonly packets?: number;
  /** Their bytes, from the header of the network layer on. Default: 0. */
  readonly bytes?: number;
}
/** Units that quotas and limits count bytes in: powers of 1,024. */
export type ByteUnit = 'bytes' | 'kbytes' | 'mbytes';
/** How much may pass, and how much has. */
export interface QuotaState {
  /** How much, in `val_unit`. */
  readonly val: number;
  /** Default: bytes. */
  readonly val_unit?: ByteUnit;
  /** How much has passed, in `used_unit`. Default: 0. */
  readonly used?: number;
  /** Default: bytes. */
  readonly used_unit?: ByteUnit;
  /** Matches once it is used up. */
  readonly inv?: boolean;
}
/** Units of time that rates are per. */
export type TimeUnit = 'second' | 'minute' | 'hour' | 'day' | 'week';
/** How often in a time. */
export interface LimitState {
  /** How many, in `rate_unit`. */
  readonly rate: number;
  /** Default: packets. */
  readonly rate_unit?: 'packets' | ByteUnit;
  /** In which time. */
  readonly per: TimeUnit;
  /** Default: 5 packets, or 0 bytes. */
  readonly burst?: number;
  /** Default: packets, or bytes where the rate is in such units. */
  readonly burst_unit?: 'packets' | ByteUnit;
  /** Matches what is above the rate. */
  readonly inv?: boolean;
}
/** How many connections there may be. */
export interface ConnectionCount {
  /** How many. */
  readonly val: number;
  /** Matches once there are more. */
  readonly inv?: boolean;
}
/** When it was last reached. */
export interface LastState {
  /** Milliseconds since a packet came by last. */
  readonly used?: number;
}

/** What elements come with: each by the name of its statement. */
export interface Stateful {
  /** Packets and bytes so far. */
  readonly counter?: CounterState | null;
  /** So many bytes. */
  readonly quota?: QuotaState;
  /** A rate. */
  readonly limit?: LimitState;
  /** So many connections. */
  readonly 'ct count'?: ConnectionCount;
  /** When it was last used. */
  readonly last?: LastState | null;
}
