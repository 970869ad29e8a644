/** Address labels: what `netloom/rtnl` exports of this folder. */
export {
  type AddressLabelAttributes,
  type AddressLabelHeader,
  type AddressLabelMessage,
  type AddressLabelMessageInput,
  type AddressLabelOperation,
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
