/**
 * Sockets of the host's. What is sent to a published port is sent on before any socket sees it, so a program that listens there would no longer be reached, and nobody would tell it.
 */
import { NetloomError } from '../../netlink/errors.ts';
import type { Program, SectionStep } from '../../netlink/program.ts';
import { socketStates } from '../../sock-diag/message.ts';
import { type LocalSocket, localSockets } from '../../sock-diag/sockets.ts';
import type { PortElement } from './element.ts';
import type { PublishedProtocol } from './options.ts';
import { socketsInProc } from './proc-sockets.ts';

/** The dynamic ports of RFC 6335. Those that connections of the host's own come from mostly lie below (net.ipv4.ip_local_port_range). */
export const firstDynamic = 49_152;
export const dynamicPorts = 65_536 - firstDynamic;

const EADDRINUSE = 98;

/** The state of sockets that anybody's packets get to. A connected one of UDP gets its peer's alone, which belong to a flow that is not translated any more. */
const receiving = { tcp: socketStates.values.listen, udp: socketStates.values.close, sctp: socketStates.values.listen } as const;

const anyState = Object.values(socketStates.values).reduce((mask, bit) => mask | bit, 0);

/** The sockets of a namespace as they were when they were first asked for, in one program. */
export class HostSockets {
  readonly #bound = new Map<PublishedProtocol, ReadonlySet<number>>();
  readonly #receiving = new Map<PublishedProtocol, ReadonlyMap<number, readonly LocalSocket[]>>();

  /** The ports that sockets are bound to, connections among them. */
  *bound(protocol: PublishedProtocol): Program<ReadonlySet<number>> {
    const known = this.#bound.get(protocol) ?? new Set((yield* socketsOf(protocol, anyState)).map(({ port }) => port));
    this.#bound.set(protocol, known);
    return known;
  }

  /** The sockets that receive from anybody, by port. */
  *receiving(protocol: PublishedProtocol): Program<ReadonlyMap<number, readonly LocalSocket[]>> {
    const known = this.#receiving.get(protocol) ?? byPort(yield* socketsOf(protocol, receiving[protocol]));
    this.#receiving.set(protocol, known);
    return known;
  }

  /** A socket that one of these ports would be published over. */
  *inTheWay(ports: readonly PortElement[]): Program<{ readonly port: PortElement; readonly socket: LocalSocket } | undefined> {
    for (const port of ports) {
      const candidates = (yield* this.receiving(port.protocol)).get(port.hostPort) ?? [];
      const socket = candidates.find((candidate) => isInTheWay(port, candidate));
      if (socket !== undefined) return { port, socket };
    }
    return undefined;
  }
}

/** `EADDRINUSE`, naming the socket. */
export function socketThere(argument: string, { protocol, hostPort }: PortElement, { address, uid }: LocalSocket): NetloomError {
  const message = `${argument}.hostPort: a program of the host listens at port ${hostPort} of ${protocol}, address ${address} (uid ${uid}); \`overrideListeners\` publishes it all the same`;
  return new NetloomError(message, 'EADDRINUSE', { errno: EADDRINUSE });
}

function isInTheWay({ family, hostAddress }: PortElement, { family: own, both, address }: LocalSocket): boolean {
  if (own !== family && !both) return false;
  // what is sent from ::1 is never sent on
  if (address === '::1') return false;
  return hostAddress === undefined || address === '0.0.0.0' || address === '::' || address === hostAddress;
}

function byPort(sockets: readonly LocalSocket[]): Map<number, LocalSocket[]> {
  const all = new Map<number, LocalSocket[]>();
  for (const socket of sockets) {
    const there = all.get(socket.port);
    if (there === undefined) all.set(socket.port, [socket]);
    else there.push(socket);
  }
  return all;
}

function* socketsOf(protocol: PublishedProtocol, states: number): Program<readonly LocalSocket[]> {
  try {
    return yield* localSockets(protocol, states);
  } catch (error) {
    // a kernel without sock_diag, or without that of the protocol
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EPROTONOSUPPORT') throw error;
  }
  // of SCTP it has no other list that says as much
  if (protocol === 'sctp') return [];
  const step: SectionStep = { op: 'section', run: () => socketsInProc(protocol, states) };
  return (yield step) as readonly LocalSocket[];
}
