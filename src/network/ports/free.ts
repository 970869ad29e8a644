/** Ports of the host that nobody uses. */
import type { Program, SectionStep } from '../../netlink/program.ts';
import type { PublishedProtocol } from './options.ts';

/** The dynamic ports of RFC 6335. Those that connections of the host's own come from mostly lie below (net.ipv4.ip_local_port_range). */
export const firstDynamic = 49_152;
export const dynamicPorts = 65_536 - firstDynamic;

/** The ports that sockets of the namespace are bound to. Of SCTP the kernel has no such list. */
export function* boundPorts(protocol: PublishedProtocol): Program<ReadonlySet<number>> {
  if (protocol === 'sctp') return new Set();
  const step: SectionStep = { op: 'section', run: () => [protocol, `${protocol}6`].flatMap(boundIn) };
  return new Set((yield step) as number[]);
}

/** Reads proc_net_tcp(5): the second word of a line is the local address, `0100007F:1F90`. */
function boundIn(file: string): number[] {
  let text: string;
  try {
    text = process.getBuiltinModule('node:fs').readFileSync(`/proc/thread-self/net/${file}`, 'latin1');
  } catch (error) {
    // a kernel without IPv6
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const match = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) /.exec(line);
      return match === null ? [] : [Number.parseInt(match[1]!, 16)];
    });
}
