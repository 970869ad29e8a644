/** Addresses of IPv4 translated without a memory of connections: tc-nat(8). Source: include/uapi/linux/tc_act/tc_nat.h. */
import { formatAddress, isNetwork, maskByte, parsePrefix } from '../../../netlink/address.ts';
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { show } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import { bytes } from '../../../netlink/text.ts';
import { control, genericFields, genericOf, type TcActionState, type TcControl, times, toldOf } from './control.ts';

const tcNat = struct('tc_nat', () => ({
  ...genericFields,
  from: fields.blob(4),
  to: fields.blob(4),
  mask: fields.blob(4),
  flags: fields.u32,
}));

const natAttributes_ = attributes('TCA_NAT', () => ({
  parms: attr('TCA_NAT_PARMS', 1, structCodec(tcNat)),
  tm: attr('TCA_NAT_TM', 2, times),
  pad: attr('TCA_NAT_PAD', 3, bytes),
}));
export interface NatActionAttributes extends Infer<typeof natAttributes_> {}
export const natActionAttributes: Codec<NatActionAttributes> = natAttributes_;

/** Options of nat. */
export interface NatActionOptions extends TcActionState {
  /** `ingress`: the destination is translated; `egress`: the source. */
  direction: 'ingress' | 'egress';
  /** The addresses that are translated: one, or a network. */
  from: string;
  /** The address that they become; of a network its first bits. */
  to: string;
  /** What becomes of the packet then. Default: `pass`. */
  control?: TcControl;
}

const members = memberNames<NatActionOptions>({ direction: true, from: true, to: true, control: true, index: true });
/** TCA_NAT_FLAG_EGRESS. */
const egress = 1;

function ipv4(text: string): { bytes: Uint8Array; length: number } {
  const prefix = parsePrefix(text);
  if (prefix.family !== 'inet') throw new InputError('', `expected addresses of IPv4, got ${show(text)}`);
  if (!isNetwork(prefix)) throw new InputError('', `${show(text)} has bits beyond its length`);
  return { bytes: prefix.bytes, length: prefix.length };
}

export const natAction: Codec<NatActionOptions> = mapped<NatActionAttributes, NatActionOptions>(
  natAttributes_,
  'nat',
  ({ parms, tm }) => {
    const { from, to, mask, flags } = parms ?? { from: none, to: none, mask: none, flags: 0 };
    const length = mask.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
    return {
      direction: (flags & egress) !== 0 ? 'egress' : 'ingress',
      from: length === 32 ? formatAddress(from) : `${formatAddress(from)}/${length}`,
      to: formatAddress(to),
      control: control.nameOf(parms?.action ?? 0),
      ...toldOf(parms, tm),
    };
  },
  (options) => {
    checkMembers(options, '', members);
    const { direction } = options;
    if (direction !== 'ingress' && direction !== 'egress')
      throw new InputError('direction', `expected "ingress" or "egress", got ${show(direction)}`);
    const { bytes: from, length } = inArgument('from', () => ipv4(options.from));
    const { bytes: to } = inArgument('to', () => ipv4(options.to));
    const mask = Uint8Array.from({ length: 4 }, (_, i) => maskByte(length, i));
    return { parms: { ...genericOf(options, 'pass'), from, to, mask, flags: direction === 'egress' ? egress : 0 } };
  },
);

const none = new Uint8Array(4);
