/** Statistics of links: what `netloom/rtnl` exports of this folder. */
export {
  type Bond3adStats,
  type BondXstats,
  type BridgeXstats,
  type FamilyStats,
  getStats,
  type HardwareStatsGroups,
  type HardwareStatsInfo,
  ifStatsMsg,
  type MplsStats,
  type OffloadStats,
  type StatsHeader,
  type StatsMessage,
  type StatsOperation,
  type StatsRequest,
  setStats,
  statsMessage,
  statsRequest,
  type Xstats,
} from './message.ts';
export { type LinkStats, type SetStatsOptions, type StatsFilter, type StatsGroup, type StatsOptions, statsPrograms } from './programs.ts';
