/**
 * Conntrack: the kernel's memory of connections, which stateful rules and address translation go by.
 *
 *     await using ct = await open({ netns: 'red' });
 *     for await (const flow of ct.flows.stream({ protocol: 'udp' })) console.log(flow.original, flow.reply);
 *     await ct.flows.deleteStale({ address: '192.0.2.1', port: 53 });
 */

export type { DccpTimeouts, OtherTimeouts, SctpTimeouts, TcpTimeouts, Timeouts, UdpTimeouts } from '../netlink/conntrack-timeouts.ts';
export {
  type ConntrackClient,
  type ConntrackClientSync,
  type ExpectationMethods,
  type ExpectationMethodsSync,
  type FlowMethods,
  type FlowMethodsSync,
  type OpenOptions,
  open,
  openSync,
  type TimeoutMethods,
  type TimeoutMethodsSync,
} from './client.ts';
export type {
  Expectation,
  ExpectationInput,
  ExpectationMask,
  ExpectationNat,
  ExpectationRef,
} from './expectation/expectation.ts';
export { type ExpectationCpuStatistics, type ExpectationFilter, expectationPrograms } from './expectation/programs.ts';
export type { FlowFilter, TupleFilter } from './flow/filter.ts';
export type { Flow, FlowCounter, TcpEnd, TcpFlag, TcpInfo, TcpState } from './flow/flow.ts';
export type { SeqAdjust, SynproxyInfo } from './flow/message.ts';
export { flowPrograms } from './flow/programs.ts';
export type { FlowChanges, FlowInput, FlowRef } from './flow/spec.ts';
export { deleteStale, type StalePort } from './flow/stale.ts';
export type { FlowCpuStatistics, FlowStatistics } from './flow/statistics.ts';
export type {
  ConntrackChange,
  ConntrackEvent,
  ConntrackKind,
  ConntrackMonitor,
  ConntrackObject,
  MonitorOptions,
} from './monitor/monitor.ts';
export type { NatRange } from './nat.ts';
export type { FlowProtocol, IcmpProtocol, PortProtocol } from './protocol.ts';
export type { DccpInfo, SctpInfo } from './protoinfo.ts';
export type { FlowStatus } from './status.ts';
export type { TimeoutKey, TimeoutPolicy, TimeoutPolicyInput, TimeoutsByProtocol, TimeoutsOf } from './timeout/policy.ts';
export { timeoutPrograms } from './timeout/programs.ts';
export type { GreTuple, IcmpTuple, OtherTuple, PortTuple, Tuple } from './tuple.ts';
