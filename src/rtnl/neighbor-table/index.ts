/** Neighbor tables: what `netloom/rtnl` exports of this folder. */
export {
  getNeighborTable,
  type NeighborParameters,
  type NeighborTableConfig,
  type NeighborTableMessage,
  type NeighborTableMessageInput,
  type NeighborTableStats,
  ndtConfig,
  ndtmsg,
  ndtStats,
  neighborParameters,
  neighborTableAttributes,
  neighborTableMessage,
  newNeighborTable,
  setNeighborTable,
} from './message.ts';
export {
  type NeighborTable,
  type NeighborTableChanges,
  type NeighborTableFilter,
  type NeighborTableParameters,
  neighborTablePrograms,
} from './programs.ts';
