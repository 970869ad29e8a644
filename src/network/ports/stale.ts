/**
 * Flows that go where a published port led before. A flow is translated as its first packet was, and rules that come or go later change nothing about it: a client of
 * UDP that goes on sending would reach the old place for as long as it sends.
 */
import { deleteEach } from '../../conntrack/flow/bulk.ts';
import { planFilter } from '../../conntrack/flow/filter.ts';
import { type FlowMessage, getFlow } from '../../conntrack/flow/message.ts';
import { messages } from '../../netlink/dump.ts';
import { ask, type Program } from '../../netlink/program.ts';
import { getAddress } from '../../rtnl/address/message.ts';
import { grouped } from '../grouped.ts';
import type { PortElement } from './element.ts';

/** Where a flow was sent, and where it is answered from. */
interface Ends {
  readonly to: string | undefined;
  readonly toPort: number | undefined;
  readonly from: string | undefined;
  readonly fromPort: number | undefined;
}

function endsOf({ original, reply }: FlowMessage): Ends {
  return {
    to: original?.ip?.v4Dst ?? original?.ip?.v6Dst,
    toPort: original?.proto?.dstPort,
    from: reply?.ip?.v4Src ?? reply?.ip?.v6Src,
    fromPort: reply?.proto?.srcPort,
  };
}

/** Deletes flows to some ports that `isStale` says it of. */
function* deleteFlows(
  ports: readonly PortElement[],
  isStale: (ends: Ends, flow: FlowMessage, port: PortElement) => boolean,
): Program<void> {
  const groups = grouped(ports, ({ family, protocol }) => `${family} ${protocol}`);
  const stale: FlowMessage[] = [];
  for (const group of groups.values()) {
    const { family, protocol, hostPort } = group[0]!;
    const byPort = grouped(group, (port) => port.hostPort);
    // for a single port the kernel looks itself
    const original = byPort.size === 1 ? { original: { dport: hostPort } } : {};
    const { request, keep } = planFilter({ family, protocol, ...original });
    const found = yield* messages({
      request: { operation: getFlow, flags: 0, value: request, expects: 'dump', subject: 'flows' },
      keep: (wire: FlowMessage) => {
        const ends = endsOf(wire);
        const candidates = byPort.get(ends.toPort ?? 0) ?? [];
        return keep(wire) && candidates.some((port) => isStale(ends, wire, port));
      },
    });
    stale.push(...found);
  }
  yield* deleteEach(stale);
}

/**
 * Deletes flows that ports which are published by now should have been led elsewhere: those of UDP, and of other protocols those that nobody has answered. Established
 * connections of the host's own stay.
 */
export function* forgetUntranslated(ports: readonly PortElement[]): Program<void> {
  const anywhere = ports.some(({ hostAddress }) => hostAddress === undefined);
  const local = anywhere ? yield* hostAddresses() : new Set<string>();
  yield* deleteFlows(ports, ({ to, from, fromPort }, { status = [] }, port) => {
    const isMeant = port.hostAddress === undefined ? to !== undefined && (local.has(to) || isLoopback(to)) : to === port.hostAddress;
    return isMeant && (from !== port.address || fromPort !== port.port) && (port.protocol === 'udp' || !status.includes('seen-reply'));
  });
}

/** Deletes flows that ports which are published no longer have led to their endpoint. */
export function* forgetTranslated(ports: readonly PortElement[]): Program<void> {
  yield* deleteFlows(ports, ({ to, from, fromPort }, _, port) => {
    const isMeant = port.hostAddress === undefined ? to !== port.address : to === port.hostAddress;
    return isMeant && from === port.address && fromPort === port.port;
  });
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

function* hostAddresses(): Program<Set<string>> {
  const found = yield* ask({ operation: getAddress, flags: 0, value: {}, expects: 'dump' as const, subject: 'addresses' });
  return new Set(found.flatMap(({ local, address }) => local ?? address ?? []));
}
