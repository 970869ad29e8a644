/** Names of interfaces that rules match: `eth0`, `veth*`. */
import { InputError } from '../netlink/errors.ts';
import { checkInterfaceName } from '../netlink/text.ts';

/** A `*` at the end stands for any rest. @throws InputError when it can be no name */
export function checkInterfacePattern(name: unknown): string {
  checkInterfaceName(name);
  if (name === '*') throw new InputError('', '"*" matches every interface; leave it out for that');
  return name;
}
