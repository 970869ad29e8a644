/** A CAN controller. It comes with its hardware, and is only listed and changed here. Source: include/uapi/linux/can/netlink.h; ip-link(8), "CAN Type Support". */
import { attr, attributes, nested } from '../../../netlink/attributes.ts';
import { type Codec, codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { enumeration } from '../../../netlink/enumeration.ts';
import { InputError } from '../../../netlink/errors.ts';
import { show, u16, u32 } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import { readString } from '../../../netlink/text.ts';
import type { LinkKind } from '../kind.ts';
import { switches } from '../switches.ts';

/** enum can_state. */
const state = enumeration(u32, {
  'ERROR-ACTIVE': 0,
  'ERROR-WARNING': 1,
  'ERROR-PASSIVE': 2,
  'BUS-OFF': 3,
  STOPPED: 4,
  SLEEPING: 5,
});

const bittiming_ = struct('can_bittiming', () => ({
  /** Bits a second. */
  bitrate: fields.u32,
  /** Tenths of a percent. */
  samplePoint: fields.u32,
  /** Time quantum, in nanoseconds. */
  tq: fields.u32,
  /** Propagation segment, in time quanta. */
  propSeg: fields.u32,
  /** Time quanta. */
  phaseSeg1: fields.u32,
  /** Time quanta. */
  phaseSeg2: fields.u32,
  /** Synchronisation jump width, in time quanta. */
  sjw: fields.u32,
  /** Bit rate prescaler. */
  brp: fields.u32,
}));

/** struct can_bittiming: `{ bitrate: 500_000 }` is enough, the kernel works out the rest. */
export interface CanBittiming extends Partial<Infer<typeof bittiming_>> {}
const bittiming: Codec<CanBittiming> = structCodec<CanBittiming>(bittiming_);

const nameSize = 16;
const bittimingConst_ = struct('can_bittiming_const', () => ({
  name: fields.blob(nameSize),
  tseg1Min: fields.u32,
  tseg1Max: fields.u32,
  tseg2Min: fields.u32,
  tseg2Max: fields.u32,
  sjwMax: fields.u32,
  brpMin: fields.u32,
  brpMax: fields.u32,
  brpInc: fields.u32,
}));

/** struct can_bittiming_const: what the hardware can do. */
export interface CanBittimingConst extends Omit<Infer<typeof bittimingConst_>, 'name'> {
  /** Of the hardware. */
  name: string;
}
const bittimingConst: Codec<CanBittimingConst> = mapped(
  structCodec(bittimingConst_),
  'can_bittiming_const',
  (wire): CanBittimingConst => ({ ...wire, name: readString(wire.name, 0, wire.name.length) }),
  (value) => {
    if (typeof value.name !== 'string' || Buffer.byteLength(value.name) > nameSize)
      throw new InputError('name', `expected a name of at most ${nameSize} bytes, got ${show(value.name)}`);
    const name = new Uint8Array(nameSize);
    name.set(Buffer.from(value.name));
    return { ...value, name };
  },
);

const berrCounter = struct('can_berr_counter', () => ({ txerr: fields.u16, rxerr: fields.u16 }));

/** CAN_CTRLMODE_*. */
const ctrlmode = switches('can_ctrlmode', 'mask first', {
  loopback: 0x1,
  listenOnly: 0x2,
  tripleSampling: 0x4,
  oneShot: 0x8,
  berrReporting: 0x10,
  fd: 0x20,
  presumeAck: 0x40,
  fdNonIso: 0x80,
  ccLen8Dlc: 0x100,
  tdcAuto: 0x200,
  tdcManual: 0x400,
});

/** Integers one after the other. */
function array(of: Codec<number>, size: number): Codec<number[]> {
  return codec<number[]>(`${of.label}[]`, {
    decode: (bytes, offset, length) =>
      Array.from({ length: Math.floor(length / size) }, (_, i) => of.decode(bytes, offset + i * size, size)),
    encode(writer, value) {
      if (!Array.isArray(value)) throw new InputError('', `expected an array, got ${show(value)}`, 'ERR_INVALID_ARG_TYPE');
      for (const number of value) of.encode(writer, number);
    },
  });
}

const tdc_ = attributes('IFLA_CAN_TDC', () => ({
  /** Read only, as the next five: what the hardware can do. */
  tdcvMin: attr('IFLA_CAN_TDC_TDCV_MIN', 1, u32),
  tdcvMax: attr('IFLA_CAN_TDC_TDCV_MAX', 2, u32),
  tdcoMin: attr('IFLA_CAN_TDC_TDCO_MIN', 3, u32),
  tdcoMax: attr('IFLA_CAN_TDC_TDCO_MAX', 4, u32),
  tdcfMin: attr('IFLA_CAN_TDC_TDCF_MIN', 5, u32),
  tdcfMax: attr('IFLA_CAN_TDC_TDCF_MAX', 6, u32),
  /** Value: the delay, in time quanta, in the mode `tdcManual`. */
  tdcv: attr('IFLA_CAN_TDC_TDCV', 7, u32),
  /** Offset, in time quanta. */
  tdco: attr('IFLA_CAN_TDC_TDCO', 8, u32),
  /** Filter window, in time quanta. */
  tdcf: attr('IFLA_CAN_TDC_TDCF', 9, u32),
}));

/** Transmitter delay compensation of CAN FD. */
export interface CanTdc extends Infer<typeof tdc_> {}
const tdc: Codec<CanTdc> = tdc_;

const ctrlmodeExt_ = attributes('IFLA_CAN_CTRLMODE', () => ({
  /** The modes that the hardware has, by the bits of CAN_CTRLMODE_*. */
  supported: attr('IFLA_CAN_CTRLMODE_SUPPORTED', 1, u32),
}));

/** More about the modes of a CAN controller. */
export interface CanCtrlmodeExt extends Infer<typeof ctrlmodeExt_> {}
const ctrlmodeExt: Codec<CanCtrlmodeExt> = ctrlmodeExt_;

const can_ = attributes('IFLA_CAN', () => ({
  /** Changed while the link is down, as most of this. */
  bittiming: attr('IFLA_CAN_BITTIMING', 1, bittiming),
  /** Read only. */
  bittimingConst: attr('IFLA_CAN_BITTIMING_CONST', 2, bittimingConst),
  /** Read only: frequency of the controller in Hz (struct can_clock). */
  clock: attr('IFLA_CAN_CLOCK', 3, u32),
  /** Read only. */
  state: attr('IFLA_CAN_STATE', 4, state),
  /** `{ loopback: true }` sets one and leaves the others. */
  ctrlmode: attr('IFLA_CAN_CTRLMODE', 5, ctrlmode),
  /** Milliseconds after which a controller that is off the bus starts again; 0: never. */
  restartMs: attr('IFLA_CAN_RESTART_MS', 6, u32),
  /** 1 starts a controller that is off the bus again. */
  restart: attr('IFLA_CAN_RESTART', 7, u32),
  /** Read only. */
  berrCounter: attr('IFLA_CAN_BERR_COUNTER', 8, structCodec(berrCounter)),
  /** Of the data phase of CAN FD. */
  dataBittiming: attr('IFLA_CAN_DATA_BITTIMING', 9, bittiming),
  /** Read only. */
  dataBittimingConst: attr('IFLA_CAN_DATA_BITTIMING_CONST', 10, bittimingConst),
  /** Ohms; 0: none. */
  termination: attr('IFLA_CAN_TERMINATION', 11, u16),
  /** Read only: the terminations that the hardware has. */
  terminationConst: attr('IFLA_CAN_TERMINATION_CONST', 12, array(u16, 2)),
  /** Read only: the bit rates that the hardware has. */
  bitrateConst: attr('IFLA_CAN_BITRATE_CONST', 13, array(u32, 4)),
  /** Read only. */
  dataBitrateConst: attr('IFLA_CAN_DATA_BITRATE_CONST', 14, array(u32, 4)),
  /** Read only. */
  bitrateMax: attr('IFLA_CAN_BITRATE_MAX', 15, u32),
  tdc: attr('IFLA_CAN_TDC', 16, nested(tdc)),
  /** Read only. */
  ctrlmodeExt: attr('IFLA_CAN_CTRLMODE_EXT', 17, nested(ctrlmodeExt)),
}));

/** IFLA_INFO_DATA of a CAN controller. */
export interface Can extends Infer<typeof can_> {}
export const can: Codec<Can> = can_;

const canDeviceStats_ = struct('can_device_stats', () => ({
  busError: fields.u32,
  /** Changes to the state `error-warning`. */
  errorWarning: fields.u32,
  /** Changes to the state `error-passive`. */
  errorPassive: fields.u32,
  busOff: fields.u32,
  arbitrationLost: fields.u32,
  restarts: fields.u32,
}));

/** IFLA_INFO_XSTATS of a CAN controller. */
export interface CanXstats extends Infer<typeof canDeviceStats_> {}

export const canKind: LinkKind<Can> = {
  data: can,
  xstats: structCodec(canDeviceStats_),
  needs: 'CONFIG_CAN_DEV',
  readOnly: new Set<keyof Can>([
    'bittimingConst',
    'clock',
    'state',
    'berrCounter',
    'dataBittimingConst',
    'terminationConst',
    'bitrateConst',
    'dataBitrateConst',
    'bitrateMax',
    'ctrlmodeExt',
  ]),
};
