/** Changes of what the kernel keeps with a packet: tc-skbedit(8). Source: include/uapi/linux/tc_act/tc_skbedit.h. */
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { type Enumerated, enumeration } from '../../../netlink/enumeration.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkBoolean, checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger, n64, u16, u32 } from '../../../netlink/scalar.ts';
import { bytes } from '../../../netlink/text.ts';
import { control, generic, genericOf, type TcActionState, type TcControl, times, toldOf } from './control.ts';

const skbeditAttributes_ = attributes('TCA_SKBEDIT', () => ({
  tm: attr('TCA_SKBEDIT_TM', 1, times),
  parms: attr('TCA_SKBEDIT_PARMS', 2, generic),
  priority: attr('TCA_SKBEDIT_PRIORITY', 3, u32),
  queueMapping: attr('TCA_SKBEDIT_QUEUE_MAPPING', 4, u16),
  mark: attr('TCA_SKBEDIT_MARK', 5, u32),
  pad: attr('TCA_SKBEDIT_PAD', 6, bytes),
  packetType: attr('TCA_SKBEDIT_PTYPE', 7, u16),
  mask: attr('TCA_SKBEDIT_MASK', 8, u32),
  flags: attr('TCA_SKBEDIT_FLAGS', 9, n64),
  queueMappingMax: attr('TCA_SKBEDIT_QUEUE_MAPPING_MAX', 10, u16),
}));
export interface SkbeditAttributes extends Infer<typeof skbeditAttributes_> {}
export const skbeditAttributes: Codec<SkbeditAttributes> = skbeditAttributes_;

/** PACKET_*, include/uapi/linux/if_packet.h. */
const packetTypes = enumeration(u16, { host: 0, broadcast: 1, multicast: 2, otherhost: 3 });

/** Options of skbedit: at least one change. */
export interface SkbeditOptions extends TcActionState {
  /** Priority of the packet: the number of a class, or what qdiscs such as prio go by. */
  priority?: number;
  /** Queue of the link that it leaves by; with `queueMappingMax` the first of several. For what comes in, hardware alone can (`flags: { skipSw: true }`). */
  queueMapping?: number;
  /** The last of the queues that packets are spread over by their hash. Linux 5.19. */
  queueMappingMax?: number;
  /** Mark of the packet. */
  mark?: number;
  /** The bits of the mark that are set. Default: all. */
  markMask?: number;
  /** Whom the packet is for: `host` lets in what is for another. */
  packetType?: Enumerated<(typeof packetTypes)['values']>;
  /** The priority is what the DS field says. Default: false. */
  inheritDsField?: boolean;
  /** What becomes of the packet then. Default: `pipe`. */
  control?: TcControl;
}

const members = memberNames<SkbeditOptions>({
  priority: true,
  queueMapping: true,
  queueMappingMax: true,
  mark: true,
  markMask: true,
  packetType: true,
  inheritDsField: true,
  control: true,
  index: true,
});

/** SKBEDIT_F_INHERITDSFIELD and SKBEDIT_F_TXQ_SKBHASH. */
const [inherits, spreads] = [0x20, 0x40];

function toWire(options: SkbeditOptions): SkbeditAttributes {
  checkMembers(options, '', members);
  const { priority, queueMapping, queueMappingMax, mark, markMask, packetType, inheritDsField } = options;
  checkBoolean(inheritDsField, 'inheritDsField');
  if (markMask !== undefined && mark === undefined) throw new InputError('markMask', 'needs a mark');
  if (queueMappingMax !== undefined) {
    if (queueMapping === undefined) throw new InputError('queueMappingMax', 'needs a queueMapping, the first one');
    inArgument('queueMappingMax', () => checkInteger(queueMappingMax, queueMapping, 0xffff));
  }
  const flags = (inheritDsField === true ? inherits : 0) + (queueMappingMax === undefined ? 0 : spreads);
  return {
    parms: genericOf(options, 'pipe'),
    ...(priority === undefined ? {} : { priority }),
    ...(queueMapping === undefined ? {} : { queueMapping }),
    ...(queueMappingMax === undefined ? {} : { queueMappingMax }),
    ...(mark === undefined ? {} : { mark }),
    ...(markMask === undefined ? {} : { mask: markMask }),
    ...(packetType === undefined ? {} : { packetType: inArgument('packetType', () => packetTypes.valueOf(packetType)) }),
    ...(flags === 0 ? {} : { flags }),
  };
}

function fromWire({ parms, tm, mask, packetType, flags, ...wire }: SkbeditAttributes): SkbeditOptions & object {
  const options: SkbeditOptions = { control: control.nameOf(parms?.action ?? 0) };
  for (const member of ['priority', 'queueMapping', 'queueMappingMax', 'mark'] as const)
    if (wire[member] !== undefined) options[member] = wire[member];
  if (mask !== undefined && mask !== 0xffffffff) options.markMask = mask;
  if (packetType !== undefined) options.packetType = packetTypes.nameOf(packetType);
  if (((flags ?? 0) & inherits) !== 0) options.inheritDsField = true;
  return Object.assign(options, toldOf(parms, tm));
}

export const skbedit: Codec<SkbeditOptions> = mapped(skbeditAttributes_, 'skbedit', fromWire, toWire);
