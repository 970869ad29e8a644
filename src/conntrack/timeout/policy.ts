/** Timeout policies: for how long flows that a rule gives them to are remembered, by state. Source: nfct(8), TIMEOUT. */
import type { IpFamily } from '../../netlink/address.ts';
import type { DccpTimeouts, OtherTimeouts, SctpTimeouts, TcpTimeouts, Timeouts, UdpTimeouts } from '../../netlink/conntrack-timeouts.ts';
import { InputError, MalformedMessageError } from '../../netlink/errors.ts';
import { checkOptions, memberNames } from '../../netlink/input.ts';
import { show } from '../../netlink/scalar.ts';
import { familyNumber } from '../nfnetlink.ts';
import type { FlowProtocol } from '../protocol.ts';
import { checkProtocol } from '../tuple.ts';
import { maxNameLength, type TimeoutMessage, type TimeoutRequest } from './message.ts';

/** What is said for each protocol, in seconds. */
export interface TimeoutsByProtocol {
  /** Seconds by state of the connection. */
  tcp: TcpTimeouts;
  /** Seconds, before and after there was an answer. */
  udp: UdpTimeouts;
  /** Seconds, before and after there was an answer. */
  udplite: UdpTimeouts;
  /** Seconds, before and after there was an answer. */
  gre: UdpTimeouts;
  /** Seconds by state of the association. */
  sctp: SctpTimeouts;
  /** Seconds by state of the connection. */
  dccp: DccpTimeouts;
}

/** In seconds, by state; of protocols without states `{ timeout }`. */
export type TimeoutsOf<P extends FlowProtocol> = P extends keyof TimeoutsByProtocol ? TimeoutsByProtocol[P] : OtherTimeouts;

/** What policies and defaults are for: a protocol over IPv4 or IPv6. */
export interface TimeoutKey<P extends FlowProtocol = FlowProtocol> {
  /** Family of the network layer. */
  family: IpFamily;
  /** `icmpv6` for ICMP over IPv6. */
  protocol: P;
}

/** A policy to be made. What its `policy` leaves out has the default of the namespace. */
export type TimeoutPolicyInput = {
  [P in FlowProtocol]: TimeoutKey<P> & {
    /** Name that rules refer to it by, 1 to 31 bytes, unique in its namespace: CTA_TIMEOUT_NAME. */
    name: string;
    /** Seconds until a flow is forgotten, by its state. Source: linux/netfilter/nfnetlink_cttimeout.h (CTA_TIMEOUT_TCP_*, …). */
    policy: TimeoutsOf<P>;
  };
}[FlowProtocol];

/** A policy as it is: with every state. What a list returns, `create` accepts; `use` is left out then. */
export type TimeoutPolicy = TimeoutPolicyInput & {
  /** Rules and flows that refer to it. */
  use?: number;
};

const members = memberNames<TimeoutPolicy>({ name: true, family: true, protocol: true, policy: true, use: true });

/** @throws InputError naming `name` */
export function checkPolicyName(name: unknown): string {
  if (typeof name !== 'string' || name === '') throw new InputError('name', `expected a name, got ${show(name)}`, 'ERR_INVALID_ARG_TYPE');
  if (Buffer.byteLength(name) > maxNameLength || name.includes('\0'))
    throw new InputError('name', `${show(name)} is no name of at most ${maxNameLength} bytes`, 'ERR_OUT_OF_RANGE');
  return name;
}

/** @throws InputError naming `key`, `family`, `protocol` or `policy` */
export function timeoutsToWire(key: TimeoutKey, policy: Timeouts | object): TimeoutRequest {
  if (typeof key !== 'object' || key === null)
    throw new InputError('key', `expected a family and a protocol, got ${show(key)}`, 'ERR_INVALID_ARG_TYPE');
  const { family } = key;
  familyNumber(family);
  // by its name, also where it was given as a number: it decides what the policy holds
  const protocol = checkProtocol(key.protocol);
  if (typeof policy !== 'object' || policy === null)
    throw new InputError('policy', `expected an object, got ${show(policy)}`, 'ERR_INVALID_ARG_TYPE');
  return { l3proto: family, l4proto: protocol, policy };
}

/** @throws InputError naming the member that is wrong */
export function policyToWire(policy: TimeoutPolicyInput): TimeoutRequest {
  checkOptions(policy, 'policy', members);
  return { name: checkPolicyName(policy.name), ...timeoutsToWire(policy, policy.policy) };
}

/** @throws MalformedMessageError */
export function policyFromWire({ name, l3proto, l4proto, policy, use }: TimeoutMessage): TimeoutPolicy {
  if (l3proto !== 'inet' && l3proto !== 'inet6') throw new MalformedMessageError('timeout policy', 0, `IPv4 or IPv6, found ${l3proto}`);
  return {
    name: name ?? '',
    family: l3proto,
    protocol: l4proto ?? 0,
    policy: policy ?? {},
    ...(use === undefined ? {} : { use }),
  } as TimeoutPolicy;
}

/** From the path of an attribute to what callers call it. */
export function renameTimeoutPath(path: string): string {
  return path === 'l3proto' ? 'family' : path === 'l4proto' ? 'protocol' : path;
}
