/** Address labels: what `netloom/rtnl` exports of this folder. */
export {
  type AddressLabelMessage,
  type AddressLabelMessageInput,
  addressLabelAttributes,
  addressLabelMessage,
  deleteAddressLabel,
  getAddressLabel,
  ifaddrlblmsg,
  newAddressLabel,
} from './message.ts';
export {
  type AddressLabel,
  type AddressLabelFilter,
  type AddressLabelLookup,
  type AddressLabelSelector,
  type AddressLabelSpec,
  addressLabelPrograms,
} from './programs.ts';
