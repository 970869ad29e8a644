/** What becomes of packets and nothing else: `action drop`, tc-actions(8). Source: include/uapi/linux/tc_act/tc_gact.h. */
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { type Enumerated, enumeration } from '../../../netlink/enumeration.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger, u16 } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import { bytes } from '../../../netlink/text.ts';
import { control, genericFields, type TcActionState, type TcControl, times, toldOf } from './control.ts';

const tcGact = struct('tc_gact', () => genericFields);

const tcGactP = struct('tc_gact_p', () => ({
  /** PGACT_NETRAND or PGACT_DETERM. */
  type: fields.u16,
  value: fields.u16,
  action: fields.s32,
}));

const gactAttributes_ = attributes('TCA_GACT', () => ({
  tm: attr('TCA_GACT_TM', 1, times),
  parms: attr('TCA_GACT_PARMS', 2, structCodec(tcGact)),
  probability: attr('TCA_GACT_PROB', 3, structCodec(tcGactP)),
  pad: attr('TCA_GACT_PAD', 4, bytes),
}));
export interface GactAttributes extends Infer<typeof gactAttributes_> {}
export const gactAttributes: Codec<GactAttributes> = gactAttributes_;

/** How it is chosen which packets meet something else: by chance, or by counting them. */
const choices = enumeration(u16, { none: 0, random: 1, deterministic: 2 });

/** What becomes of some packets in place of the usual. */
export interface GactChance {
  /** `random`: one of `value` packets by chance; `deterministic`: each so manieth. */
  type: Enumerated<(typeof choices)['values']>;
  /** 1 to 10,000. */
  value: number;
  /** What they meet. */
  control: TcControl;
}

/** Options of gact. */
export interface GactOptions extends TcActionState {
  /** What becomes of the packet. */
  control: TcControl;
  /** Now and then something else. */
  random?: GactChance;
}

const members = memberNames<GactOptions>({ control: true, random: true, index: true });
const chanceMembers = memberNames<GactChance>({ type: true, value: true, control: true });
/** MAX_RAND. */
const rarest = 10_000;

function chanceOf(random: GactChance): NonNullable<GactAttributes['probability']> {
  return inArgument('random', () => {
    checkMembers(random, '', chanceMembers);
    const { type, value } = random;
    inArgument('value', () => checkInteger(value, 1, rarest));
    const action = inArgument('control', () => control.valueOf(random.control));
    return { type: inArgument('type', () => choices.valueOf(type)), value, action };
  });
}

export const gact: Codec<GactOptions> = mapped<GactAttributes, GactOptions>(
  gactAttributes_,
  'gact',
  ({ parms, tm, probability }) => ({
    control: control.nameOf(parms?.action ?? 0),
    ...toldOf(parms, tm),
    ...(probability === undefined || probability.type === 0
      ? {}
      : { random: { type: choices.nameOf(probability.type), value: probability.value, control: control.nameOf(probability.action) } }),
  }),
  (options) => {
    checkMembers(options, '', members);
    const { index = 0, random } = options;
    inArgument('index', () => checkInteger(index, 0, 0xffffffff));
    const action = inArgument('control', () => control.valueOf(options.control));
    return {
      parms: { index, capab: 0, action, refcnt: 0, bindcnt: 0 },
      ...(random === undefined ? {} : { probability: chanceOf(random) }),
    };
  },
);
