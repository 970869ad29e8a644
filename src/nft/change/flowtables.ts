/** Changes of flowtables. */
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/message.ts';
import {
  deleteFlowtable,
  describeFlowtable,
  destroyFlowtable,
  type Flowtable,
  type FlowtableRef,
  flowtableDevices,
  flowtableKey,
  flowtableToWire,
  newFlowtable,
} from '../flowtable.ts';
import { type Change, checkObject, echoed, plain } from './shared.ts';

function ensure(flowtable: Flowtable): Change {
  checkObject(flowtable, 'a flowtable');
  return plain(newFlowtable, flowtableToWire(flowtable), describeFlowtable(flowtable), NLM_F_CREATE);
}

export const flowtables = {
  /** A new flowtable; the transaction fails with EEXIST if there is one of the name. */
  create: (flowtable: Flowtable): Change => {
    checkObject(flowtable, 'a flowtable');
    return echoed(newFlowtable, flowtableToWire(flowtable), describeFlowtable(flowtable), NLM_F_CREATE | NLM_F_EXCL);
  },
  /** A flowtable, unless there is one, which takes on the devices; EEXIST if that has another hook or priority. */
  ensure,
  /** The same, by the name it has in nft(8). */
  add: ensure,
  /** Takes on devices. */
  addDevices: (flowtable: FlowtableRef, devices: string[]): Change => {
    checkObject(flowtable, 'a flowtable');
    return plain(newFlowtable, flowtableDevices(flowtable, devices), `devices of ${describeFlowtable(flowtable)}`, NLM_F_CREATE);
  },
  /** Lets devices go. */
  deleteDevices: (flowtable: FlowtableRef, devices: string[]): Change => {
    checkObject(flowtable, 'a flowtable');
    return plain(deleteFlowtable, flowtableDevices(flowtable, devices), `devices of ${describeFlowtable(flowtable)}`);
  },
  /** Deletes a flowtable; ENOENT if there is none, EBUSY if a rule refers to it. */
  delete: (flowtable: FlowtableRef): Change => {
    checkObject(flowtable, 'a flowtable');
    return plain(deleteFlowtable, flowtableKey(flowtable), describeFlowtable(flowtable));
  },
  /** Deletes a flowtable, if there is one in the table, which must exist; needs Linux 6.3. */
  destroy: (flowtable: FlowtableRef): Change => {
    checkObject(flowtable, 'a flowtable');
    return plain(destroyFlowtable, flowtableKey(flowtable), describeFlowtable(flowtable));
  },
};
