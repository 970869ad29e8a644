/** What callers say about flows, as messages. */
import { InputError } from '../../netlink/errors.ts';
import { checked, checkMembers, checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { type NatRange, natToWire, translation } from '../nat.ts';
import { familyNumber } from '../nfnetlink.ts';
import type { ProtoInfo, WireTcp } from '../protoinfo.ts';
import { tcpFlag } from '../protoinfo.ts';
import { flowStatus, IPS_CONFIRMED, settable } from '../status.ts';
import { type CheckedTuple, checkZone, describeTuple, inverse, type Tuple, tupleToWire } from '../tuple.ts';
import type { Flow, TcpEnd, TcpInfo } from './flow.ts';
import { type FlowRequest, flowMessage } from './message.ts';

/** What names a flow: one of its tuples, and its zone. A {@link Flow} is one. */
export interface FlowRef {
  /** The tuple of the original direction; this one or `reply` is needed. */
  readonly original?: Tuple;
  /** Looked at when there is no `original`. */
  readonly reply?: Tuple;
  /** Zone that the flow belongs to. Default: 0, that of what has none. */
  readonly zone?: number;
  /** If the flow of the tuple has another id, it is not the one that is meant. */
  readonly id?: number;
}

/** What can be changed in a flow. */
export interface FlowChanges
  extends Partial<Pick<Flow, 'timeout' | 'mark' | 'labels' | 'helper' | 'tcp' | 'sctp' | 'dccp' | 'seqAdjust' | 'synproxy'>> {
  /** Bits to set besides those that are set: `seen-reply`, `assured`, `fixed-timeout`, `helper`. None can be cleared. */
  status?: Flow['status'];
  /** Bits of the mark to change; the others stay as they are. Default: all. */
  markMask?: number;
  /** Labels to change: those in `labels` are set, the others cleared. Default: all. */
  labelsMask?: number[];
}

/** A flow to be made. */
export interface FlowInput extends Partial<Omit<Flow, 'original' | 'reply' | 'timeout'>> {
  /** Packets from who began it. */
  original: Tuple;
  /**
   * Packets that answer. Default: the other way round than `original`. If it says otherwise, source or destination are translated so that
   * it is as it says; not together with `nat`.
   */
  reply?: Tuple;
  /** Seconds until it is forgotten, unless packets come. */
  timeout: number;
  /** What is translated. Default: what `reply` says. */
  nat?: {
    /** What the source of the original direction is translated to. */
    src?: NatRange;
    /** What the destination of the original direction is translated to. */
    dst?: NatRange;
  };
}

const changeMembers = memberNames<FlowChanges>({
  timeout: true,
  mark: true,
  markMask: true,
  labels: true,
  labelsMask: true,
  helper: true,
  tcp: true,
  sctp: true,
  dccp: true,
  seqAdjust: true,
  synproxy: true,
  status: true,
});
const flowMembers = memberNames<FlowInput>({
  family: true,
  original: true,
  reply: true,
  zone: true,
  status: true,
  timeout: true,
  mark: true,
  labels: true,
  helper: true,
  helperInfo: true,
  tcp: true,
  sctp: true,
  dccp: true,
  counters: true,
  timestamp: true,
  eventTime: true,
  seqAdjust: true,
  synproxy: true,
  master: true,
  secctx: true,
  secmark: true,
  use: true,
  id: true,
  unknown: true,
  nat: true,
});
const natMembers = memberNames<NonNullable<FlowInput['nat']>>({ src: true, dst: true });
const tcpMembers = memberNames<TcpInfo>({ state: true, original: true, reply: true });
const endMembers = memberNames<TcpEnd>({ windowScale: true, flags: true });
const adjustMembers = memberNames<NonNullable<Flow['seqAdjust']>>({ original: true, reply: true });

/** A request about a flow, and what it is about. */
export interface PlannedFlow {
  readonly wire: FlowRequest;
  readonly subject: string;
}

/** The request that names a flow. @throws InputError naming the member that is wrong */
export function flowKey(flow: FlowRef): PlannedFlow {
  if (typeof flow !== 'object' || flow === null) throw new InputError('flow', `expected a flow, got ${show(flow)}`, 'ERR_INVALID_ARG_TYPE');
  const side = flow.original === undefined ? 'reply' : 'original';
  if (flow[side] === undefined) throw new InputError('original', 'is needed, or reply', 'ERR_INVALID_ARG_TYPE');
  const { family, wire: tuple } = tupleToWire(flow[side], side);
  const wire: FlowRequest = { family: familyNumber(family), [side]: tuple };
  addZone(wire, flow.zone, tuple.zone);
  if (flow.id !== undefined) {
    checked('id', checkU32, flow.id);
    wire.id = flow.id;
  }
  return { wire, subject: describeFlow(wire) };
}

function checkU32(value: unknown): void {
  checkInteger(value, 0, 0xffffffff);
}

/** The kernel takes a zone for both directions or one for one of them. */
function addZone(wire: FlowRequest, zone: unknown, ...others: (number | undefined)[]): void {
  const checkedZone = checkZone(zone);
  if (checkedZone === undefined) {
    if (others.filter((other) => other !== undefined).length > 1)
      throw new InputError('reply.zone', 'goes not with one of original: say zone for both');
    return;
  }
  if (others.some((other) => other !== undefined)) throw new InputError('zone', 'holds for both directions: it goes not with that of one');
  wire.zone = checkedZone;
}

/** `udp 10.0.0.1:4000 -> 192.0.2.1:53 zone 5` */
export function describeFlow({ original, reply, zone }: FlowRequest): string {
  const tuple = original === undefined ? `replies ${describeTuple(reply ?? {})}` : describeTuple(original);
  return zone === undefined ? tuple : `${tuple} zone ${zone}`;
}

/** The request that makes a flow. @throws InputError naming the member that is wrong */
export function flowToWire(flow: FlowInput): PlannedFlow {
  checkOptions(flow, 'flow', flowMembers);
  const original = tupleToWire(flow.original, 'original');
  if (flow.family !== undefined && flow.family !== original.family)
    throw new InputError('family', `${show(flow.family)} is not that of the addresses, ${original.family}`);
  const wire: FlowRequest = { family: familyNumber(original.family), original: original.wire };
  addReply(wire, flow, original);
  if (flow.timeout === undefined) throw new InputError('timeout', 'is needed: seconds', 'ERR_INVALID_ARG_TYPE');
  if (flow.master !== undefined) {
    const master = tupleToWire(flow.master, 'master');
    if (master.family !== original.family) throw new InputError('master', 'is of another family');
    wire.master = master.wire;
  }
  addSettings(wire, flow, original.wire.proto?.number);
  if (flow.status !== undefined)
    wire.status = flowStatus.namesOf((checked('status', (names) => flowStatus.valueOf(names), flow.status) & settable) | IPS_CONFIRMED);
  if (flow.unknown !== undefined) wire.unknown = flow.unknown;
  return checkedPlan(wire);
}

/** The tuple of the replies, and what makes it differ from the one without translation. */
function addReply(wire: FlowRequest, { reply, nat, zone }: FlowInput, original: CheckedTuple): void {
  const plain = inverse(original.wire);
  wire.reply = plain;
  let replyZone: number | undefined;
  if (reply !== undefined) {
    const answer = tupleToWire(reply, 'reply');
    if (answer.family !== original.family) throw new InputError('reply', 'is of another family than original');
    if (answer.wire.proto?.number !== plain.proto?.number) throw new InputError('reply.protocol', 'is another than that of original');
    for (const member of ['icmpType', 'icmpCode', 'icmpv6Type', 'icmpv6Code'] as const)
      if (answer.wire.proto?.[member] !== plain.proto?.[member])
        throw new InputError(`reply.${/type/i.test(member) ? 'type' : 'code'}`, 'does not answer original');
    if (nat !== undefined) throw new InputError('nat', 'goes not with reply, which says what is translated');
    const { src, dst } = translation(plain, answer.wire);
    if (src !== undefined) wire.natSrc = src;
    if (dst !== undefined) wire.natDst = dst;
    replyZone = answer.wire.zone;
    if (replyZone !== undefined) wire.reply = { ...plain, zone: replyZone };
  }
  addZone(wire, zone, original.wire.zone, replyZone);
  if (nat === undefined) return;
  checkMembers(nat, 'nat', natMembers);
  if (nat.src !== undefined) wire.natSrc = inArgument('nat.src', () => natToWire(nat.src!, original.family));
  if (nat.dst !== undefined) wire.natDst = inArgument('nat.dst', () => natToWire(nat.dst!, original.family));
}

/** The request that changes a flow. @throws InputError naming the member that is wrong */
export function changesToWire(flow: FlowRef, changes: FlowChanges): PlannedFlow {
  const { wire } = flowKey(flow);
  // the kernel does not look at it here
  delete wire.id;
  checkOptions(changes, 'changes', changeMembers);
  addSettings(wire, changes, (wire.original ?? wire.reply)?.proto?.number);
  if (changes.markMask !== undefined) {
    if (changes.mark === undefined) throw new InputError('markMask', 'goes with mark');
    checked('mark', checkU32, changes.mark);
    checked('markMask', checkU32, changes.markMask);
    // the kernel would turn over what is set of them
    if ((changes.mark & ~changes.markMask) >>> 0 !== 0) throw new InputError('mark', `${changes.mark} has bits that markMask has not`);
    wire.markMask = changes.markMask;
  }
  if (changes.labelsMask !== undefined) {
    if (changes.labels === undefined) throw new InputError('labelsMask', 'goes with labels');
    wire.labelsMask = changes.labelsMask;
  }
  if (changes.status !== undefined) {
    const bits = checked('status', (names) => flowStatus.valueOf(names), changes.status);
    if ((bits & ~settable) !== 0)
      throw new InputError('status', `${flowStatus.namesOf(bits & ~settable).join(', ')} cannot be set from here`);
    wire.status = flowStatus.namesOf(bits);
  }
  const plan = checkedPlan(wire);
  // as of the mark
  const outside = changes.labelsMask === undefined ? undefined : changes.labels?.find((label) => !changes.labelsMask!.includes(label));
  if (outside !== undefined) throw new InputError('labels', `has ${outside}, which labelsMask has not`);
  return plan;
}

/** What a flow can be made with and changed to alike. */
function addSettings(wire: FlowRequest, settings: FlowChanges & Pick<FlowInput, 'helperInfo'>, protocol: unknown): void {
  if (settings.timeout !== undefined) wire.timeout = settings.timeout;
  if (settings.mark !== undefined) wire.mark = settings.mark;
  if (settings.labels !== undefined) wire.labels = settings.labels;
  if (settings.helper !== undefined) wire.help = { name: settings.helper };
  if (settings.helperInfo !== undefined) {
    if (settings.helper === undefined) throw new InputError('helperInfo', 'goes with helper');
    wire.help = { ...wire.help, info: settings.helperInfo };
  }
  if (settings.synproxy !== undefined) wire.synproxy = settings.synproxy;
  const { seqAdjust } = settings;
  if (seqAdjust !== undefined) {
    checkMembers(seqAdjust, 'seqAdjust', adjustMembers);
    if (seqAdjust.original !== undefined) wire.seqAdjustOriginal = seqAdjust.original;
    if (seqAdjust.reply !== undefined) wire.seqAdjustReply = seqAdjust.reply;
  }
  const info: ProtoInfo = {};
  for (const member of ['tcp', 'sctp', 'dccp'] as const) {
    if (settings[member] === undefined) continue;
    if (member !== protocol) throw new InputError(member, `goes not with a flow of ${protocol}`);
    if (member === 'tcp') info.tcp = inArgument('tcp', () => tcpToWire(settings.tcp!));
    else if (member === 'sctp') info.sctp = settings.sctp!;
    else info.dccp = settings.dccp!;
    wire.protoinfo = info;
  }
}

function tcpToWire(tcp: TcpInfo): WireTcp {
  checkMembers(tcp, '', tcpMembers);
  const wire: WireTcp = {};
  if (tcp.state !== undefined) wire.state = tcp.state;
  for (const [side, end] of [['Original', tcp.original] as const, ['Reply', tcp.reply] as const]) {
    if (end === undefined) continue;
    const argument = side.toLowerCase();
    checkMembers(end, argument, endMembers);
    const flags = end.flags === undefined ? 0 : checked(`${argument}.flags`, (names) => tcpFlag.valueOf(names), end.flags);
    if (end.windowScale !== undefined) {
      // of less than this the kernel takes nothing, and says nothing
      if (end.windowScale !== 0 && (flags & tcpFlag.values['window-scale']) === 0)
        throw new InputError(`${argument}.windowScale`, 'goes with window-scale among the flags');
      wire[`windowScale${side}`] = end.windowScale;
    }
    // the mask says which flags are decided: all, as a listing has all that are set
    if (end.flags !== undefined) wire[`flags${side}`] = { flags, mask: 0xff };
  }
  if ((wire.windowScaleOriginal === undefined) !== (wire.windowScaleReply === undefined))
    throw new InputError(`${wire.windowScaleReply === undefined ? 'reply' : 'original'}.windowScale`, 'goes with that of the other end');
  return wire;
}

/** What attributes are called by callers. */
const renamed: Readonly<Record<string, string>> = {
  'help.name': 'helper',
  'help.info': 'helperInfo',
  seqAdjustOriginal: 'seqAdjust.original',
  seqAdjustReply: 'seqAdjust.reply',
  natSrc: 'nat.src',
  natDst: 'nat.dst',
  'protoinfo.tcp.windowScaleOriginal': 'tcp.original.windowScale',
  'protoinfo.tcp.windowScaleReply': 'tcp.reply.windowScale',
};

/** From the path of an attribute to what callers call it. */
export function renameFlowPath(path: string): string {
  for (const [attribute, name] of Object.entries(renamed))
    if (path === attribute || path.startsWith(`${attribute}.`)) return name + path.slice(attribute.length);
  return path.replace(/^protoinfo\./, '');
}

/** Encodes it once, so that what is wrong is said before anything is sent. */
function checkedPlan(wire: FlowRequest): PlannedFlow {
  try {
    flowMessage.bytes(wire);
  } catch (error) {
    throw error instanceof InputError ? error.renamed(renameFlowPath) : error;
  }
  return { wire, subject: describeFlow(wire) };
}
