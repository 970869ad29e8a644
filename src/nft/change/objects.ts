/** Changes of named objects. */
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/message.ts';
import {
  deleteObject,
  describeObject,
  destroyObject,
  type NftObject,
  newObject,
  type ObjectRef,
  objectKey,
  objectToWire,
} from '../object.ts';
import { type Change, checkObject, echoed, plain } from './shared.ts';

function ensure(object: NftObject): Change {
  checkObject(object, 'an object');
  return plain(newObject, objectToWire(object), describeObject(object), NLM_F_CREATE);
}

export const objects = {
  /** A new object; the transaction fails with EEXIST if there is one of the name and type. */
  create: (object: NftObject): Change => {
    checkObject(object, 'an object');
    return echoed(newObject, objectToWire(object), describeObject(object), NLM_F_CREATE | NLM_F_EXCL);
  },
  /** An object, unless there is one of the name and type; quotas, limits and SYN proxies that are there take the new settings. */
  ensure,
  /** The same, by the name it has in nft(8). */
  add: ensure,
  /** Deletes an object; ENOENT if there is none, EBUSY if a rule or element refers to it. */
  delete: (object: ObjectRef): Change => {
    checkObject(object, 'an object');
    return plain(deleteObject, objectKey(object), describeObject(object));
  },
  /** Deletes an object, if there is one in the table, which must exist; needs Linux 6.3. */
  destroy: (object: ObjectRef): Change => {
    checkObject(object, 'an object');
    return plain(destroyObject, objectKey(object), describeObject(object));
  },
};
