/** Sockets as /proc/net lists them (proc_net_tcp(5)), for kernels that are built without sock_diag. */
import { formatAddress } from '../../netlink/address.ts';
import { type LocalSocket, localSocket } from '../../sock-diag/sockets.ts';

/** Sockets of the calling thread's namespace in some states, a mask of `1 << TCP_…`. */
export function socketsInProc(protocol: 'tcp' | 'udp', states: number): LocalSocket[] {
  return [protocol, `${protocol}6`].flatMap((file) => parseSockets(textOf(file), states));
}

function textOf(file: string): string {
  try {
    return process.getBuiltinModule('node:fs').readFileSync(`/proc/thread-self/net/${file}`, 'latin1');
  } catch (error) {
    // a kernel without IPv6
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/**
 * The lines of such a file: `0: 0100007F:1F90 00000000:0000 0A …`, of which the second word is the local address and port and the fourth the state. Whether a socket of IPv6 is
 * IPV6_V6ONLY it does not say; one at any address is taken to receive IPv4 too.
 */
export function parseSockets(text: string, states: number): LocalSocket[] {
  return text.split('\n').flatMap((line): LocalSocket[] => {
    const match = /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) \S+ ([0-9A-F]{2}) \S+ \S+ \S+\s+(\d+)/.exec(line);
    if (match === null) return [];
    const [, hex, port, state, uid] = match as unknown as [string, string, string, string, string];
    if (((1 << Number.parseInt(state, 16)) & states) === 0) return [];
    const address = Buffer.from(hex, 'hex');
    // words as the host has them
    for (let i = 0; i < address.length; i += 4) address.subarray(i, i + 4).reverse();
    return [localSocket(address.length === 4 ? 'inet' : 'inet6', formatAddress(address), Number.parseInt(port, 16), Number(uid))];
  });
}
