/** The sockets of a namespace, by protocol. */
import { formatAddress, type IpFamily } from '../netlink/address.ts';
import { ask, type Program } from '../netlink/program.ts';
import { AF_INET, AF_INET6, type InetDiagMessage, sockDiagByFamily } from './message.ts';

/** IPPROTO_* (include/uapi/linux/in.h). */
export const socketProtocols = { tcp: 6, udp: 17, sctp: 132 } as const;
export type SocketProtocol = keyof typeof socketProtocols;

/** Where a socket receives. */
export interface LocalSocket {
  readonly family: IpFamily;
  /** `0.0.0.0`, `::`: any. */
  readonly address: string;
  readonly port: number;
  /** Whether it receives IPv4 as well: one of IPv6, at any address, that is not IPV6_V6ONLY. */
  readonly both: boolean;
  /** The user who made it. */
  readonly uid: number;
}

/** Sockets of a protocol in some states, a mask of `1 << TCP_…`. @throws NetlinkError `ENOENT` when the kernel has no such list of this protocol */
export function* localSockets(protocol: SocketProtocol, states: number): Program<LocalSocket[]> {
  const found: LocalSocket[] = [];
  for (const family of [AF_INET, AF_INET6]) {
    const sockets = yield* ask({
      operation: sockDiagByFamily,
      flags: 0,
      value: { family, protocol: socketProtocols[protocol], states },
      expects: 'dump' as const,
      subject: `sockets of ${protocol}`,
    });
    found.push(...sockets.map(socketOf));
  }
  return found;
}

/** How addresses of IPv4 are written that sockets of IPv6 have (RFC 4291, 2.5.5.2). */
const mapped = /^::ffff:(?=.*\.)/;

/** What a socket is by its family and address. @param v6only whether it is IPV6_V6ONLY, if that is known */
export function localSocket(family: IpFamily, address: string, port: number, uid: number, v6only = false): LocalSocket {
  if (family === 'inet') return { family, address, port, both: false, uid };
  if (mapped.test(address)) return { family: 'inet', address: address.replace(mapped, ''), port, both: false, uid };
  return { family, address, port, both: address === '::' && !v6only, uid };
}

function socketOf({ family, source, sourcePort, v6only, uid }: InetDiagMessage): LocalSocket {
  return family === AF_INET
    ? localSocket('inet', formatAddress(source, 0, 4), sourcePort, uid)
    : localSocket('inet6', formatAddress(source), sourcePort, uid, v6only);
}
