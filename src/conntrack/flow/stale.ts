/**
 * Flows that still go where a published port led before. A flow is translated as its first packet was: rules that come or go later change
 * nothing about it, and a client of UDP that goes on sending keeps it alive.
 */
import type { IpFamily } from '../../netlink/address.ts';
import { parseAddress } from '../../netlink/address.ts';
import { messages } from '../../netlink/dump.ts';
import { InputError } from '../../netlink/errors.ts';
import { checked, checkOptions, memberNames } from '../../netlink/input.ts';
import type { CallOptions, Program } from '../../netlink/program.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { hasPorts, type PortProtocol } from '../protocol.ts';
import { deleteEach } from './bulk.ts';
import { type FlowFilter, planFilter } from './filter.ts';
import { type FlowMessage, getFlow } from './message.ts';

/** A port that is, or was, published. */
export interface StalePort extends CallOptions {
  /** The address that it is published at, or that of whom it leads to. Default: any, of both families. */
  address?: string;
  /** 1 to 65535. */
  port: number;
  /** Default: `udp`. Connections of TCP that are cut off so are reset or time out. */
  protocol?: PortProtocol;
  /** Only in this zone. Default: in all. */
  zone?: number;
}

const members = memberNames<Omit<StalePort, keyof CallOptions>>({ address: true, port: true, protocol: true, zone: true });

/**
 * Deletes the flows that go to a published port: those whose original destination, or whose answers' source, is the address and port. The next
 * packet of each begins a new flow, which is translated as the rules say by then.
 *
 * To be called when a port has been published, with the address and port it is published at (packets that came before know nothing of the
 * translation), and when that has ended (those that came before still are translated).
 *
 * @returns how many
 * @throws InputError naming the member that is wrong
 */
export function* deleteStale(port: StalePort): Program<number> {
  checkOptions(port, 'port', members);
  const { address, protocol = 'udp', zone } = port;
  checked('port', (value) => checkInteger(value, 1, 65535), port.port);
  if (!hasPorts(protocol)) throw new InputError('protocol', `${show(protocol)} is none of tcp, udp, sctp, dccp, udplite`);
  if (address !== undefined) checked('address', parseAddress, address);
  const common: FlowFilter = { protocol, ...(zone === undefined ? {} : { zone }) };
  const published: FlowFilter = { ...common, original: { dport: port.port, ...(address === undefined ? {} : { dst: address }) } };
  const led: FlowFilter = { ...common, reply: { sport: port.port, ...(address === undefined ? {} : { src: address }) } };
  const filters = [published, led].map((filter) => planFilter(filter));
  const families: readonly IpFamily[] = address === undefined ? ['inet', 'inet6'] : [parseAddress(address).length === 4 ? 'inet' : 'inet6'];
  const stale: FlowMessage[] = [];
  for (const family of families) {
    // of all flows of the family and protocol, those that one filter or the other means: the kernel compares no two at once
    const { request } = planFilter({ ...common, family });
    const found = yield* messages({
      request: { operation: getFlow, flags: 0, value: request, expects: 'dump', subject: 'flows' },
      keep: (wire) => filters.some(({ keep }) => keep(wire)),
    });
    stale.push(...found);
  }
  return yield* deleteEach(stale);
}
