/** Nexthop objects: what `netloom/rtnl` exports of this folder. */
export type { BucketFilter } from './buckets.ts';
export {
  deleteNexthop,
  deleteNexthopBucket,
  type GroupMember,
  type GroupStatisticsEntry,
  getNexthop,
  getNexthopBucket,
  groupStatisticsEntry,
  type NexthopObjectAttributes,
  type NexthopObjectHeader,
  type NexthopObjectMessage,
  type NexthopObjectMessageInput,
  type NexthopOperation,
  newNexthop,
  newNexthopBucket,
  nexthopObjectAttributes,
  nexthopObjectMessage,
  nhmsg,
  type ResilientBucketAttributes,
  type ResilientGroupAttributes,
  resilientBucket,
  resilientGroup,
} from './message.ts';
export type { NexthopBucket, NexthopObject, ResilientGroup } from './nexthop.ts';
export { type GetNexthopOptions, type NexthopFilter, nexthopPrograms } from './programs.ts';
export type { NexthopObjectSpec } from './spec.ts';
