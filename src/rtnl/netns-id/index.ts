/** Ids of namespaces: what `netloom/rtnl` exports of this folder. */
export {
  deleteNetnsId,
  type GenericHeader,
  getNetnsId,
  type NetnsIdAttributes,
  type NetnsIdInput,
  type NetnsIdMessage,
  type NetnsIdOperation,
  netnsIdAttributes,
  netnsIdMessage,
  newNetnsId,
  rtgenmsg,
} from './message.ts';
export { type AssignedNetnsId, type CreateNetnsId, type NetnsIdFilter, type NetnsIdOptions, netnsIdPrograms } from './programs.ts';
