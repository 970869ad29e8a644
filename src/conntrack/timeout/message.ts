/** Messages of timeout policies. Source: include/uapi/linux/netfilter/nfnetlink_cttimeout.h (enum ctnl_timeout_msg_types, CTA_TIMEOUT_*). */
import { type AttributeSet, attr, attributes, walk } from '../../netlink/attributes.ts';
import type { Infer } from '../../netlink/codec.ts';
import { timeoutsOf } from '../../netlink/conntrack-timeouts.ts';
import { enumeration } from '../../netlink/enumeration.ts';
import type { Message } from '../../netlink/message.ts';
import { type NfGenMsg, nfgenmsg } from '../../netlink/nfgenmsg.ts';
import type { Operation } from '../../netlink/operation.ts';
import { be16, be32 } from '../../netlink/scalar.ts';
import { string } from '../../netlink/text.ts';
import { conntrackMessage, conntrackOperation, NFNL_SUBSYS_CTNETLINK_TIMEOUT } from '../nfnetlink.ts';
import { flowProtocol } from '../protocol.ts';

/** CTNL_TIMEOUT_NAME_MAX, less the NUL. */
export const maxNameLength = 31;

const declare = (protocol: unknown) =>
  attributes('CTA_TIMEOUT', () => ({
    name: attr('CTA_TIMEOUT_NAME', 1, string(maxNameLength)),
    l3proto: attr('CTA_TIMEOUT_L3PROTO', 2, enumeration(be16, { inet: 2, inet6: 10 })),
    l4proto: attr('CTA_TIMEOUT_L4PROTO', 3, flowProtocol),
    policy: attr('CTA_TIMEOUT_DATA', 4, timeoutsOf(protocol)),
    use: attr('CTA_TIMEOUT_USE', 5, be32),
  }));
interface TimeoutAttributes extends Infer<ReturnType<typeof declare>> {}
/** A timeout policy on the wire. */
export type TimeoutMessage = NfGenMsg & TimeoutAttributes;
export type TimeoutRequest = Partial<NfGenMsg> & TimeoutAttributes;

type Body = Message<TimeoutMessage, TimeoutRequest>;
const bodies = new Map<unknown, Body>();

/** The message for a protocol: it decides what the policy holds. */
function bodyFor(protocol: unknown): Body {
  let body = bodies.get(protocol);
  if (body === undefined) {
    body = conntrackMessage('CTA_TIMEOUT', declare(protocol) as AttributeSet<TimeoutAttributes>);
    bodies.set(protocol, body);
  }
  return body;
}

const protocolAttribute = 3;

function protocolIn(source: Uint8Array, offset: number, length: number): unknown {
  for (const found of walk(source, offset + nfgenmsg.size, length - nfgenmsg.size))
    if (found.type === protocolAttribute && found.length > 0) return flowProtocol.decode(source, found.offset, found.length);
  return undefined;
}

export const timeoutMessage: Body = {
  ...bodyFor(undefined),
  decode: (source, offset, length) => bodyFor(protocolIn(source, offset, length)).decode(source, offset, length),
  encode: (writer, value) => bodyFor(value.l4proto).encode(writer, value),
  locate: (source, offset, length, target) => bodyFor(protocolIn(source, offset, length)).locate?.(source, offset, length, target),
  describe: (source, offset, length, detail) =>
    bodyFor(protocolIn(source, offset, length)).describe?.(source, offset, length, detail) ?? [],
  bytes: (value) => bodyFor(value.l4proto).bytes(value),
  parse: (source) => bodyFor(protocolIn(source, 0, source.length)).parse(source),
};

type TimeoutOperation = Operation<TimeoutRequest, TimeoutMessage>;

function operation(name: string, type: number): TimeoutOperation {
  return conntrackOperation(name, (NFNL_SUBSYS_CTNETLINK_TIMEOUT << 8) | type, timeoutMessage, 'CONFIG_NF_CT_NETLINK_TIMEOUT');
}

export const newTimeout: TimeoutOperation = operation('IPCTNL_MSG_TIMEOUT_NEW', 0);
export const getTimeout: TimeoutOperation = operation('IPCTNL_MSG_TIMEOUT_GET', 1);
export const deleteTimeout: TimeoutOperation = operation('IPCTNL_MSG_TIMEOUT_DELETE', 2);
export const setDefaultTimeout: TimeoutOperation = operation('IPCTNL_MSG_TIMEOUT_DEFAULT_SET', 3);
export const getDefaultTimeout: TimeoutOperation = operation('IPCTNL_MSG_TIMEOUT_DEFAULT_GET', 4);
