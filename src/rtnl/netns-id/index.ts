/** Ids of namespaces: what `netloom/rtnl` exports of this folder. */
export {
  deleteNetnsId,
  getNetnsId,
  type NetnsIdInput,
  type NetnsIdMessage,
  netnsIdAttributes,
  netnsIdMessage,
  newNetnsId,
  rtgenmsg,
} from './message.ts';
export { type AssignedNetnsId, type CreateNetnsId, type NetnsIdFilter, type NetnsIdOptions, netnsIdPrograms } from './programs.ts';
