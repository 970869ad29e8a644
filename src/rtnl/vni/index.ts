/** VNIs of a vxlan: what `netloom/rtnl` exports of this folder. */
export {
  deleteTunnel,
  getTunnel,
  newTunnel,
  type TunnelHeader,
  type TunnelMessage,
  type TunnelMessageInput,
  type TunnelOperation,
  tunnelMessage,
  tunnelMsg,
  type VniEntry,
  type VniStats,
  vniEntry,
} from './message.ts';
export { type Vni, type VniFilter, type VniSelector, type VniSpec, vniPrograms } from './programs.ts';
