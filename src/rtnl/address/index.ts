/** Addresses: what `netloom/rtnl` exports of this folder. */
export type { Address, AddressProtocol } from './address.ts';
export type { AddressFlag } from './flags.ts';
export type { GroupAddress, GroupFilter } from './groups.ts';
export {
  type AddressAttributes,
  type AddressCacheInfo,
  type AddressHeader,
  type AddressMessage,
  type AddressMessageInput,
  type AddressOperation,
  addressAttributes,
  addressMessage,
  deleteAddress,
  getAddress,
  getAnycast,
  getMulticast,
  ifaCacheinfo,
  ifaddrmsg,
  newAddress,
} from './message.ts';
export { type AddressFilter, type AddressSelector, addressPrograms } from './programs.ts';
export type { AddressOptions } from './spec.ts';
