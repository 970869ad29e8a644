/** Devices that chains and flowtables are bound to. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_DEVICE_*). */
import { attr, describeAttributes, encodeAttribute, walk } from '../netlink/attributes.ts';
import { type Codec, codec, joinPath, NLA_F_NESTED } from '../netlink/codec.ts';
import { InputError, MalformedMessageError } from '../netlink/errors.ts';
import { show } from '../netlink/scalar.ts';
import { interfaceName, string } from '../netlink/text.ts';
import { checkInterfacePattern } from './interface-pattern.ts';

const name = attr('NFTA_DEVICE_NAME', 1, interfaceName);
const prefix = attr('NFTA_DEVICE_PREFIX', 2, string(14));

/** Names, and beginnings of names with a `*` behind them: `eth*` (Linux 6.16). */
export const deviceList: Codec<string[]> = codec<string[]>('NFTA_DEVICE[]', {
  typeFlags: NLA_F_NESTED,
  decode(bytes, offset, length) {
    const devices: string[] = [];
    for (const found of walk(bytes, offset, length)) {
      if (found.type === name.type) devices.push(interfaceName.decode(bytes, found.offset, found.length));
      else if (found.type === prefix.type) devices.push(`${prefix.codec.decode(bytes, found.offset, found.length)}*`);
      else throw new MalformedMessageError('list of devices', found.start, `a name or a prefix, found type ${found.type}`);
    }
    return devices;
  },
  encode(writer, devices) {
    if (!Array.isArray(devices)) throw new InputError('', `expected an array, got ${show(devices)}`, 'ERR_INVALID_ARG_TYPE');
    for (const [i, device] of (devices as readonly string[]).entries()) {
      if (!isPattern(device)) encodeAttribute(writer, `[${i}]`, name, device);
      else encodeAttribute(writer, `[${i}]`, prefix, checked(device, i).slice(0, -1));
    }
  },
  locate(bytes, offset, length, target) {
    let index = 0;
    for (const found of walk(bytes, offset, length)) {
      if (target >= found.start && target < found.end) return joinPath(`[${index}]`, undefined);
      index++;
    }
    return undefined;
  },
  describe: (bytes, offset, length, detail) =>
    describeAttributes('NFTA_DEVICE', bytes, offset, length, detail, (type) => [name, prefix].find((each) => each.type === type)),
});

/** `eth*` */
export function isPattern(device: unknown): boolean {
  return typeof device === 'string' && device.endsWith('*');
}

function checked(device: string, i: number): string {
  try {
    return checkInterfacePattern(device);
  } catch (error) {
    throw error instanceof InputError ? error.within(`[${i}]`) : error;
  }
}
