/** Packets, or copies of them, that go to another link: tc-mirred(8). Source: include/uapi/linux/tc_act/tc_mirred.h. */
import { attr, attributes } from '../../../netlink/attributes.ts';
import { noneOf } from '../../../netlink/choices.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { enumeration } from '../../../netlink/enumeration.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger, s32, u32 } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import { bytes } from '../../../netlink/text.ts';
import type { LinkRef } from '../../link/reference.ts';
import { control, genericFields, type TcActionState, type TcControl, times, toldOf } from './control.ts';

const tcMirred = struct('tc_mirred', () => ({
  ...genericFields,
  /** TCA_EGRESS_REDIR and the others. */
  eaction: fields.s32,
  ifindex: fields.u32,
}));

const mirredAttributes_ = attributes('TCA_MIRRED', () => ({
  tm: attr('TCA_MIRRED_TM', 1, times),
  parms: attr('TCA_MIRRED_PARMS', 2, structCodec(tcMirred)),
  pad: attr('TCA_MIRRED_PAD', 3, bytes),
  block: attr('TCA_MIRRED_BLOCKID', 4, u32),
}));
export interface MirredAttributes extends Infer<typeof mirredAttributes_> {}
export const mirredAttributes: Codec<MirredAttributes> = mirredAttributes_;

const kinds = enumeration(s32, { 'egress redirect': 1, 'egress mirror': 2, 'ingress redirect': 3, 'ingress mirror': 4 });

/** Options of mirred. */
export interface MirredOptions extends TcActionState {
  /** `redirect`: the packet itself goes there; `mirror`: a copy. */
  action: 'redirect' | 'mirror';
  /** `egress`: there it leaves; `ingress`: there it comes in. Default: `egress`. */
  direction?: 'egress' | 'ingress';
  /** The link: by name, index or object. */
  dev?: LinkRef;
  /** Index of that link, where `dev` is not given. One of both, or `block`, is needed. */
  devIndex?: number;
  /** In place of a link, the links of a block. Linux 6.8. */
  block?: number;
  /** Default: `stolen` for `redirect`, `pipe` for `mirror`. */
  control?: TcControl;
}

const members = memberNames<MirredOptions>({
  action: true,
  direction: true,
  dev: true,
  devIndex: true,
  block: true,
  control: true,
  index: true,
});

const actions = ['redirect', 'mirror'] as const;
const directions = ['egress', 'ingress'] as const;

/** tc(8) says both in one: `egress redirect`. */
function oneOf<T extends string>(member: string, value: T, names: readonly T[]): T {
  if (!names.includes(value)) throw new InputError(member, noneOf(value, names));
  return value;
}

function toWire(options: MirredOptions): MirredAttributes {
  checkMembers(options, '', members);
  const { action, direction = 'egress', devIndex = 0, block, index = 0 } = options;
  inArgument('index', () => checkInteger(index, 0, 0xffffffff));
  const eaction = kinds.valueOf(`${oneOf('direction', direction, directions)} ${oneOf('action', action, actions)}`);
  if (options.devIndex === undefined && block === undefined)
    throw new InputError('dev', 'is needed: the link to which packets go, by name, index or object', 'ERR_INVALID_ARG_TYPE');
  inArgument('devIndex', () => checkInteger(devIndex, block === undefined ? 1 : 0, 0x7fffffff));
  const given = options.control ?? (action === 'redirect' ? 'stolen' : 'pipe');
  return {
    parms: {
      index,
      capab: 0,
      action: inArgument('control', () => control.valueOf(given)),
      refcnt: 0,
      bindcnt: 0,
      eaction,
      ifindex: devIndex,
    },
    ...(block === undefined ? {} : { block }),
  };
}

function fromWire({ parms, tm, block }: MirredAttributes): MirredOptions {
  const [direction, action] = String(kinds.nameOf(parms?.eaction ?? 1)).split(' ');
  const options = { action, direction, control: control.nameOf(parms?.action ?? 0) } as MirredOptions;
  if (parms !== undefined && parms.ifindex !== 0) options.devIndex = parms.ifindex;
  if (block !== undefined) options.block = block;
  return Object.assign(options, toldOf(parms, tm));
}

export const mirred: Codec<MirredOptions> = mapped(mirredAttributes_, 'mirred', fromWire, toWire);
