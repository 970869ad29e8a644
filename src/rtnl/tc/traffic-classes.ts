/** Traffic classes, each with queues of the link: what mqprio and taprio have in common. Source: include/uapi/linux/pkt_sched.h (struct tc_mqprio_qopt). */
import type { Codec, Infer } from '../../netlink/codec.ts';
import { type Enumerated, type EnumerationCodec, enumeration } from '../../netlink/enumeration.ts';
import { InputError } from '../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../netlink/input.ts';
import { checkInteger, show, u32 } from '../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../netlink/struct.ts';

const mqprioQopt = struct('tc_mqprio_qopt', () => ({
  classes: fields.u8,
  map: fields.blob(16),
  hw: fields.u8,
  count: fields.blob(32),
  offset: fields.blob(32),
}));

/** struct tc_mqprio_qopt. */
export interface MqprioQopt extends Infer<typeof mqprioQopt> {}
export const mqprioQoptCodec: Codec<MqprioQopt> = structCodec<MqprioQopt>(mqprioQopt);
export const mqprioQoptSize = 82;

/** The queues of a traffic class. */
export interface ClassQueues {
  /** So many. */
  count: number;
  /** The first of them, from 0. */
  offset: number;
}

/** How packets come to queues. */
export interface TrafficClassMap {
  /** Traffic classes, 1 to 16. */
  trafficClasses: number;
  /** The traffic class, from 0, for each of the 16 priorities of packets; those left out are 0. */
  map: number[];
  /** The queues of each traffic class. */
  queues?: ClassQueues[];
}

const queueMembers = memberNames<ClassQueues>({ count: true, offset: true });
/** TC_QOPT_MAX_QUEUE, and one more than TC_QOPT_BITMASK. */
export const most = 16;

/** @throws InputError naming the member that is wrong */
export function toQopt({ trafficClasses, map, queues = [] }: TrafficClassMap, hw: number): MqprioQopt {
  inArgument('trafficClasses', () => checkInteger(trafficClasses, 1, most));
  if (!Array.isArray(map) || map.length > most)
    throw new InputError('map', `expected up to ${most} numbers, got ${show(map)}`, 'ERR_INVALID_ARG_TYPE');
  map.forEach((one: unknown, i) => {
    inArgument(`map[${i}]`, () => checkInteger(one, 0, trafficClasses - 1));
  });
  if (!Array.isArray(queues) || (queues.length !== 0 && queues.length !== trafficClasses))
    throw new InputError('queues', `expected queues of ${trafficClasses} traffic classes, got ${show(queues)}`, 'ERR_INVALID_ARG_TYPE');
  const [count, offset] = [Buffer.alloc(2 * most), Buffer.alloc(2 * most)];
  queues.forEach((of: ClassQueues, i) => {
    inArgument(`queues[${i}]`, () => {
      checkMembers(of, '', queueMembers);
      inArgument('count', () => checkInteger(of.count, 0, 0xffff));
      inArgument('offset', () => checkInteger(of.offset, 0, 0xffff));
    });
    count.writeUInt16LE(of.count, 2 * i);
    offset.writeUInt16LE(of.offset, 2 * i);
  });
  const whole = new Uint8Array(most);
  whole.set(map);
  return { classes: trafficClasses, map: whole, hw, count, offset };
}

export function fromQopt({ classes, map, count, offset }: MqprioQopt): Required<TrafficClassMap> {
  const at = (bytes: Uint8Array, i: number): number => bytes[2 * i]! | (bytes[2 * i + 1]! << 8);
  return {
    trafficClasses: classes,
    map: [...map],
    queues: Array.from({ length: Math.min(classes, most) }, (_, i) => ({ count: at(count, i), offset: at(offset, i) })),
  };
}

const preemptions = { express: 1, preemptible: 2 } as const;

/** Whether packets of a traffic class may be interrupted (`preemptible`) by those of others: IEEE 802.1Q frame preemption. Source: pkt_sched.h (TC_FP_*). */
export type FramePreemption = Enumerated<typeof preemptions>;
export const framePreemption: EnumerationCodec<typeof preemptions> = enumeration(u32, preemptions);
