/** Namespaces for tests of container networks, and traffic between them. */
import { netns } from 'netloom';
import { uniqueName } from './names.ts';
import { type Json, limit, type NetnsRef, tool } from './oracle.ts';
import { type Snapshot, snapshot } from './state.ts';

export type Space = netns.Netns & { name: string };

const opened: Space[] = [];

/** A new namespace with a name. */
export function newSpace(prefix: string): Space {
  const space = netns.createSync(uniqueName(prefix)) as Space;
  opened.push(space);
  return space;
}

/** Deletes what {@link newSpace} made. */
export function deleteSpaces(): void {
  for (const space of opened.splice(0)) {
    if (netns.existsSync(space.name)) space.deleteSync();
    space.close();
  }
}

const program = `
import socket, sys
kind, address, port, text = sys.argv[1:5]
family = socket.AF_INET6 if ':' in address else socket.AF_INET
s = socket.socket(family, socket.SOCK_STREAM if kind == 'tcp' else socket.SOCK_DGRAM)
s.settimeout(float(sys.argv[5]))
try:
    s.connect((address, int(port)))
    s.send(text.encode())
    print(s.recv(1000).decode())
except OSError as error:
    print('failed:', error)
`;

/**
 * Sends a text to a server and returns what it answers, or `failed: …`. Not by this process: it must not be in the namespace.
 *
 * @param seconds to wait for the answer
 */
export function talk(kind: 'tcp' | 'udp', address: string, port: number, where: NetnsRef, seconds = 10): string {
  return tool(['python3', '-c', program, kind, address, String(port), 'hello', String(seconds)], { netns: where }).trim();
}

const server = `
import socket, sys, threading
port = int(sys.argv[1])
def bound(family, kind):
    s = socket.socket(family, kind)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6: s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.bind(('', port))
    if kind == socket.SOCK_STREAM: s.listen(20)
    return s
def tcp(s):
    while True:
        c, peer = s.accept()
        c.recv(100); c.send(('tcp from ' + peer[0]).encode()); c.close()
def udp(s):
    while True:
        data, peer = s.recvfrom(100); s.sendto(('udp from ' + peer[0]).encode(), peer)
# all of them, before it says that it is ready
for f, s in [(f, bound(family, kind)) for f, kind in ((tcp, socket.SOCK_STREAM), (udp, socket.SOCK_DGRAM)) for family in (socket.AF_INET, socket.AF_INET6)]:
    threading.Thread(target=f, args=(s,), daemon=True).start()
print('ready', flush=True)
sys.stdin.read()
`;

/** A server in a namespace, of TCP and UDP and both families, that answers with the protocol and the address it was called from. It ends when `stop` is called. */
export async function serve(space: netns.Netns, port: number): Promise<{ stop(): Promise<void> }> {
  const child = space.spawn('python3', ['-c', server, String(port)]);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the server did not start')), limit);
    child.stdout.once('data', () => {
      clearTimeout(timer);
      resolve();
    });
    child.once('error', reject);
  });
  return {
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

/** A host with an uplink to an "internet", which knows the host's address and nothing of what is behind it. */
export async function hostWithUplink(): Promise<{ host: Space; internet: Space }> {
  const host = newSpace('h');
  const internet = newSpace('i');
  const { addAddress, createVethPair } = await import('netloom');
  // a router does not look for neighbors while its address is on trial
  host.sysctl.setSync('net.ipv6.conf.default.accept_dad', 0);
  await createVethPair({ name: 'up0', netns: host, up: true, peer: { name: 'up1', netns: internet, up: true } });
  await addAddress('up0', '192.0.2.1/24', { netns: host });
  await addAddress('up1', '192.0.2.2/24', { netns: internet });
  await addAddress('up0', '2001:db8::1/64', { netns: host, flags: ['nodad'] });
  await addAddress('up1', '2001:db8::2/64', { netns: internet, flags: ['nodad'] });
  host.sysctl.setSync('net.ipv6.conf.default.accept_dad', 1);
  return { host, internet };
}

/** What a bridge has of its ports, and a router of its being one. */
const passing = new Set(['mtu', 'operstate', 'tso_max_size', 'tso_max_segs', 'gro_max_size', 'gso_max_size', 'flags']);

/**
 * A picture of a namespace for comparisons: without names, which other test files make meanwhile; without what the kernel makes by itself in its own time, which are
 * link-local addresses and their routes, the anycast addresses of routers and the routes to IPv6 addresses of one's own; and without what follows from there being ports or none.
 */
export function picture(space: netns.Netns): Omit<Snapshot, 'namespaces' | 'sysctls'> {
  const { namespaces: _, sysctls: __, links, addresses, routes, ...rest } = snapshot(space.name ?? space.path, false);
  const steady = (link: Json): Json => ({
    ...Object.fromEntries(Object.entries(link).filter(([key]) => !passing.has(key))),
    up: link.flags.includes('UP'),
    addr_info: link.addr_info?.filter(({ scope }: Json) => scope !== 'link'),
  });
  return {
    ...rest,
    links: links.map(steady),
    addresses: addresses.map(steady),
    routes: routes
      .filter(({ dst, type }) => !/^(fe80|ff00)::/.test(dst) && type !== 'anycast' && type !== 'multicast')
      // a worker of the kernel's makes them, a while after the address
      .filter(({ dst, type }) => type !== 'local' || !dst.includes(':'))
      .filter(({ protocol, dst }) => protocol !== 'kernel' || !dst.startsWith('fe80:'))
      .map(({ flags: _flags, ...route }) => route),
  };
}

const talker = `
import socket, sys, json, threading
def ask(i, kind, address, port, source, source_port):
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    s = socket.socket(family, socket.SOCK_STREAM if kind == 'tcp' else socket.SOCK_DGRAM)
    s.settimeout(float(sys.argv[2]))
    try:
        if source or source_port:
            s.bind((source or ('::' if family == socket.AF_INET6 else '0.0.0.0'), source_port))
        s.connect((address, port))
        s.send(b'hello')
        out[i] = s.recv(1000).decode()
    except OSError as error:
        out[i] = 'failed'
    s.close()
asked = json.loads(sys.argv[1])
out = [None] * len(asked)
threads = [threading.Thread(target=ask, args=(i, *each)) for i, each in enumerate(asked)]
for t in threads: t.start()
for t in threads: t.join()
print(json.dumps(out))
`;

/** Something that is asked of a server: see {@link talk}. */
export type Question = readonly [
  kind: 'tcp' | 'udp',
  address: string,
  port: number,
  from?: { readonly address?: string; readonly port?: number },
];

/** {@link talk} to several servers at once, which costs one process. @returns the answers, and `failed` where there was none within `seconds` */
export function talkToAll(questions: readonly Question[], where: NetnsRef, seconds: number): string[] {
  const asked = questions.map(([kind, address, port, from]) => [kind, address, port, from?.address ?? '', from?.port ?? 0]);
  return JSON.parse(tool(['python3', '-c', talker, JSON.stringify(asked), String(seconds)], { netns: where })) as string[];
}
