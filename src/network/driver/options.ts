/** What drivers let callers choose, and how it is recorded. */
import { InputError } from '../../netlink/errors.ts';
import { checkBoolean, inArgument } from '../../netlink/input.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { checkInterfaceName } from '../../netlink/text.ts';
import { type Driver, type DriverOption, traitsOf } from './traits.ts';

/** Options of one driver or another. One that is not the driver's is refused. */
export interface DriverOptions {
  /** bridge: let a port send back what came in by it, for containers that reach themselves by an address of the host's. Default: false. */
  hairpin?: boolean;
  /** macvlan, ipvlan, vlan: the link of the host that endpoints are on top of. host-device: the link that is given away. It is needed. */
  parent?: string;
  /** macvlan: `bridge` (default), `private`, `vepa` or `passthru`. ipvlan: `l2` (default), `l3` or `l3s`. See ip-link(8). */
  mode?: string;
  /** vlan: 0 to 4094. It is needed. */
  vlanId?: number;
  /** tap: id of the user who may attach to the device. Default: whoever has CAP_NET_ADMIN. */
  user?: number;
  /** tap: id of the group that may. */
  group?: number;
  /** tap: the device has several queues. Default: false. */
  multiQueue?: boolean;
}

const modes: Partial<Record<Driver, readonly string[]>> = {
  macvlan: ['bridge', 'private', 'vepa', 'passthru'],
  ipvlan: ['l2', 'l3', 'l3s'],
};

/** In this order they are recorded. */
export const driverOptionNames: readonly DriverOption[] = ['hairpin', 'parent', 'mode', 'vlanId', 'user', 'group', 'multiQueue'];

const maxId = 0xfffffffe;

/** The options of a driver, checked and with their defaults. @throws InputError naming the one that is wrong */
export function checkDriverOptions(driver: Driver, options: DriverOptions): DriverOptions {
  const known: readonly string[] = traitsOf({ driver }).options;
  for (const name of driverOptionNames)
    if (options[name] !== undefined && !known.includes(name)) throw new InputError(name, `is no option of the driver ${driver}`);
  const { hairpin, parent, mode = modes[driver]?.[0], vlanId, user, group, multiQueue } = options;
  checkBoolean(hairpin, 'hairpin');
  checkBoolean(multiQueue, 'multiQueue');
  if (known.includes('parent')) {
    if (parent === undefined) throw new InputError('parent', `is needed: the link of the host that the driver ${driver} is to use`);
    inArgument('parent', () => checkInterfaceName(parent));
  }
  if (mode !== undefined && !modes[driver]!.includes(mode))
    throw new InputError('mode', `expected ${modes[driver]!.join(', ')}, got ${show(mode)}`);
  if (known.includes('vlanId')) {
    if (vlanId === undefined) throw new InputError('vlanId', 'is needed: the id of the VLAN');
    inArgument('vlanId', () => checkInteger(vlanId, 0, 4094));
  }
  if (user !== undefined) inArgument('user', () => checkInteger(user, 0, maxId));
  if (group !== undefined) inArgument('group', () => checkInteger(group, 0, maxId));
  return present({ hairpin: hairpin || undefined, parent, mode, vlanId, user, group, multiQueue: multiQueue || undefined });
}

function present(options: { [K in DriverOption]?: DriverOptions[K] | undefined }): DriverOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as DriverOptions;
}

/** As words of a record: `parent=eth1`, `vlanId=5`, `hairpin`. */
export function formatDriverOptions(options: DriverOptions): string[] {
  return driverOptionNames.flatMap((name) => {
    const value = options[name];
    return value === undefined ? [] : [value === true ? name : `${name}=${value}`];
  });
}

/** The reverse of {@link formatDriverOptions}; other words are passed over. */
export function parseDriverOptions(words: readonly string[]): DriverOptions {
  const options: Record<string, unknown> = {};
  for (const name of driverOptionNames) {
    const word = words.find((candidate) => candidate === name || candidate.startsWith(`${name}=`));
    if (word === undefined) continue;
    const value = word.slice(name.length + 1);
    options[name] = word === name ? true : name === 'parent' || name === 'mode' ? value : Number(value);
  }
  return options as DriverOptions;
}
