/** VNIs of a vxlan: what `netloom/rtnl` exports of this folder. */
export {
  deleteTunnel,
  getTunnel,
  newTunnel,
  type TunnelMessage,
  type TunnelMessageInput,
  tunnelMessage,
  tunnelMsg,
  type VniEntry,
  type VniStats,
  vniEntry,
} from './message.ts';
export { type Vni, type VniFilter, type VniSelector, type VniSpec, vniPrograms } from './programs.ts';
