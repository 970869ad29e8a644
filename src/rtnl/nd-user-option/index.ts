/** Options of router announcements for processes: what `netloom/rtnl` exports of this folder. */
export {
  type NdUserOptionAttributes,
  type NdUserOptionHeader,
  type NdUserOptionMessage,
  ndUserOptionAttributes,
  ndUserOptionMessage,
  nduseroptmsg,
} from './message.ts';
export type { NdCaptivePortal, NdNameServers, NdNat64, NdOption, NdOtherOption, NdPrefix, NdSearchList } from './option.ts';
