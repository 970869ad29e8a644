/** What options of several filters have. Source: include/uapi/linux/pkt_cls.h. */
import { type Codec, mapped } from '../../netlink/codec.ts';
import { type FlagsCodec, flags } from '../../netlink/enumeration.ts';
import { u32 } from '../../netlink/scalar.ts';
import { formatHandle, parseHandle, type TcHandle } from './handle.ts';

/** A class, as `1:10`. */
export const classId: Codec<TcHandle> = mapped<number, TcHandle>(u32, 'handle', formatHandle, parseHandle);

const bits = { skip_hw: 0x1, skip_sw: 0x2, in_hw: 0x4, not_in_hw: 0x8, verbose: 0x10 } as const;

/** TCA_CLS_FLAGS_*: `skip_hw`, not for hardware; `skip_sw`, for hardware alone; `in_hw` and `not_in_hw` are told. */
export const filterFlags: FlagsCodec<typeof bits> = flags(u32, bits);
