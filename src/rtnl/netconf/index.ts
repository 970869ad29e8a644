/** Settings of IP: what `netloom/rtnl` exports of this folder. */
export {
  deleteNetconf,
  getNetconf,
  type NetconfAttributes,
  type NetconfHeader,
  type NetconfMessage,
  type NetconfMessageInput,
  type NetconfOperation,
  netconfAttributes,
  netconfMessage,
  netconfmsg,
  newNetconf,
} from './message.ts';
export { type GetNetconf, type Netconf, type NetconfFamily, type NetconfFilter, netconfPrograms } from './programs.ts';
