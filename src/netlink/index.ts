/**
 * `netloom/netlink`: the protocol, knowing no kernel family. The schema language, requests and programs, the two
 * drivers, transports and errors.
 */
export {
  ethernetAddress,
  hardwareAddress,
  type IpFamily,
  ipAddress,
  ipv4Address,
  ipv6Address,
  networkOf,
  type Prefix,
  parsePrefix,
} from './address.ts';
export {
  type Attribute,
  type AttributeSet,
  type AttributeValues,
  attr,
  attributes,
  listOf,
  nested,
  type RawAttribute,
  repeated,
  type WithUnknown,
} from './attributes.ts';
export { type Codec, type CodecParts, codec, type Infer, lazy, mapped } from './codec.ts';
export { type DescribeOptions, describe } from './describe.ts';
export { secret } from './described.ts';
export { type Listed, type Listing, type ListOptions, listing, listMembers, messages, streaming } from './dump.ts';
export { type Enumerated, type EnumerationCodec, enumeration, type FlagsCodec, flags } from './enumeration.ts';
export {
  ClosedError,
  DumpInterruptedError,
  type ExtendedAck,
  InputError,
  MalformedMessageError,
  NetlinkError,
  type NetlinkErrorDetail,
  NetloomError,
  NotFoundError,
  OutcomeUnknownError,
  PermissionError,
  SystemError,
  TimeoutError,
  UnsupportedError,
} from './errors.ts';
export { asyncMethods, Host, type HostOptions, type OpenTransport } from './host.ts';
export { SyncHost, syncMethods } from './host-sync.ts';
export type { ListenOptions } from './listen.ts';
export { type Message, message } from './message.ts';
export { type Load, type MessageTraits, type MessageType, type ProtocolRef, registerMessages } from './message-types.ts';
export {
  type ControlEvent,
  type Emit,
  type MalformedEvent,
  Monitor,
  type MonitorFeed,
  type MonitorSettings,
  type OverrunEvent,
  type SyncedEvent,
  type Synchronization,
  type SynchronizationReason,
} from './monitor.ts';
export { type AnyEvent, KindFeed, type KindFeedOptions, type MonitorContext, type MonitorKinds, type Run } from './monitor-feed.ts';
export type { ChangedEvent, ChangeEvent, DeleteEvent, MonitorKind, MonitorListing, NewEvent } from './monitor-kind.ts';
export type { Notification } from './monitor-socket.ts';
export type { Answer, Expectation, Operation, Request } from './operation.ts';
export {
  type Answers,
  type AsyncMethods,
  ask,
  askAll,
  askEach,
  type CallOptions,
  type Outcome,
  type Patience,
  type Program,
  type ProgramTable,
  readSysctl,
  type Step,
  type Stream,
  type Streaming,
  type StreamProgram,
  type SyncMethods,
  type SyncStream,
  scoped,
  within,
  writeSysctl,
} from './program.ts';
export { be16, be32, be64, be64n, bool8, bool32, flag, n64, s8, s32, u8, u16, u32, u64 } from './scalar.ts';
export type { Described, Detail, Part } from './shown.ts';
export {
  type EnumerationNames,
  type Field,
  type FlagsNames,
  fields,
  growingStructCodec,
  named,
  type Struct,
  struct,
  structCodec,
} from './struct.ts';
export type { Binding } from './sys/libc.ts';
export type { NamespaceLike, NamespaceRef, OpenNamespace } from './sys/namespace.ts';
export { type OtherVariant, type Pair, type TaggedCodec, type TaggedValue, tagged, type Variant, type Variants } from './tagged.ts';
export { bytes, interfaceName, string } from './text.ts';
export type { TracedDatagram } from './trace.ts';
export type { TracedRequest } from './trace-request.ts';
export { setDefaultTransport } from './transport/default.ts';
export { openFfiTransport } from './transport/ffi.ts';
export { openNodeNetlinkTransport } from './transport/node-netlink.ts';
export type { Surroundings } from './transport/surroundings.ts';
export type { Datagram, Subscription, Transport, Watch } from './transport/transport.ts';
export type { Writer } from './writer.ts';
