/** Neighbor tables: what `netloom/rtnl` exports of this folder. */
export {
  getNeighborTable,
  type NeighborParameters,
  type NeighborTableAttributes,
  type NeighborTableConfig,
  type NeighborTableHeader,
  type NeighborTableMessage,
  type NeighborTableMessageInput,
  type NeighborTableOperation,
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
