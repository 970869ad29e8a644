/**
 * `netloom/netlink`: the protocol, knowing no kernel family. The schema language, requests and programs, the two
 * drivers, transports and errors.
 */
export { type IpFamily, type Prefix, ethernetAddress, hardwareAddress, ipAddress, ipv4Address, ipv6Address, networkOf, parsePrefix } from './address.ts';
export { type Attribute, type AttributeSet, type AttributeValues, type RawAttribute, type WithUnknown, attr, attributes, listOf, nested, repeated } from './attributes.ts';
export { type Codec, type Infer, codec, lazy, mapped } from './codec.ts';
export { type Enumerated, type EnumerationCodec, type FlagsCodec, enumeration, flags } from './enumeration.ts';
export {
  ClosedError,
  DumpInterruptedError,
  type ExtendedAck,
  InputError,
  MalformedMessageError,
  NetlinkError,
  NetloomError,
  NotFoundError,
  OutcomeUnknownError,
  PermissionError,
  SystemError,
  TimeoutError,
  UnsupportedError,
} from './errors.ts';
export { Host, type HostOptions, type OpenTransport, asyncMethods } from './host.ts';
export { SyncHost, syncMethods } from './host-sync.ts';
export { type Message, message } from './message.ts';
export type { Answer, Expectation, Operation, Request } from './operation.ts';
export { type AsyncMethods, type CallOptions, type Outcome, type Program, type Step, type SyncMethods, ask, askAll, askEach, readSysctl, scoped, within, writeSysctl } from './program.ts';
export { be16, be32, be64, be64n, bool32, bool8, flag, n64, s32, s8, u16, u32, u64, u8 } from './scalar.ts';
export { type Struct, fields, growingStructCodec, struct, structCodec } from './struct.ts';
export type { NamespaceLike, NamespaceRef, OpenNamespace } from './sys/namespace.ts';
export { type OtherVariant, type TaggedCodec, type Variant, tagged } from './tagged.ts';
export { bytes, interfaceName, string } from './text.ts';
export { openFfiTransport } from './transport/ffi.ts';
export type { Datagram, Transport, Watch } from './transport/transport.ts';
