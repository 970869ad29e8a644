/** Neighbors: what `netloom/rtnl` exports of this folder. */
export type { NeighborFilter } from './filter.ts';
export type { NeighborFlag, NeighborState } from './flags.ts';
export {
  deleteNeighbor,
  type FdbExtended,
  fdbExtended,
  getNeighbor,
  type NeighborAttributes,
  type NeighborCacheInfo,
  type NeighborHeader,
  type NeighborMessage,
  type NeighborMessageInput,
  type NeighborOperation,
  ndaCacheinfo,
  ndmsg,
  neighborAttributes,
  neighborMessage,
  newNeighbor,
} from './message.ts';
export type { Neighbor } from './neighbor.ts';
export { neighborPrograms } from './programs.ts';
export type { NeighborSelector, NeighborSpec } from './spec.ts';
