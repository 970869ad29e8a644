/**
 * What the kernel under the tests has. A test that needs a feature says so, and where the feature is missing it is skipped by name
 * and reason, which the summaries of `npm test` and `npm run test:kernels` list again:
 *
 *     needs({ kind: 'vlan' }).describe('vlan links', () => { … });
 *     needs({ kind: 'netkit' }, { ip: '6.7' }).test('a netkit pair', async () => { … });
 *     needs({ encap: 'mpls' }).test('routes into label switched paths', async () => { … });
 *     needs({ kernel: { below: '6.13', why: 'tunnel options make later kernels panic' } }).test('geneve options', …);
 *
 * Features are looked for, not guessed from the kernel's version, where there is a way to look.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { describe, type TestContext, test } from 'vitest';
import { NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST, NLMSG_ERROR, writeHeader } from '../../src/netlink/message.ts';
import { defaultTransport } from '../../src/netlink/transport/default.ts';
import { createSync } from '../../src/netns/index.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** The kind of links that runs on this kernel if the test passes: for scripts/kernels/kinds.ts. */
    kind?: string;
  }
}

export type Feature =
  /** A kind of link, its module loaded if need be. */
  | { readonly kind: string }
  /** A kind of tunnel that is part of a route, by the name of ip-route(8), its module loaded if need be. */
  | { readonly encap: keyof typeof encapsulations }
  /** A release of the kernel: `atLeast` it, or `below` it. `why` says what came or went with it. */
  | { readonly kernel: { readonly atLeast?: string; readonly below?: string; readonly why: string } }
  /** A version of iproute2, where a test's witness must know the feature. */
  | { readonly ip: string }
  /** A module, loaded or built in. The test must run as the machine's root to load one that is not. */
  | { readonly module: string }
  /** Anything else: `missing` tells whether it is, by trying it where it harms nothing. */
  | { readonly feature: string; readonly missing: () => boolean };

/** Tests and groups of tests that depend on features. */
export interface Needs {
  /** The features that are missing, in words. Empty: everything is there. */
  readonly missing: readonly string[];
  /** As vitest's `describe`; skipped, with the reason in its name, when something is missing. */
  describe(name: string, body: () => void): void;
  /** As vitest's `test`; skipped, with the reason in its name, when something is missing. */
  test(name: string, body: (context: TestContext) => void | Promise<void>, timeout?: number): void;
  /** `name`, and the reason behind it when something is missing: for `describe.skipIf(needed.missing.length > 0).each`. */
  title(name: string): string;
}

export function needs(...features: readonly Feature[]): Needs {
  const missing = features.flatMap((feature) => missingOf(feature) ?? []);
  const title = (name: string): string => (missing.length === 0 ? name : `${name} [lacking: ${missing.join(', ')}]`);
  const skip = missing.length > 0;
  return {
    missing,
    title,
    describe: (name, body) => {
      describe.skipIf(skip)(title(name), body);
    },
    test: (name, body, timeout) => {
      test.skipIf(skip)(title(name), body, timeout);
    },
  };
}

/** What is missing, in words without a comma or a bracket, or `undefined`. */
function missingOf(feature: Feature): string | undefined {
  if ('kind' in feature) return hasKind(feature.kind) ? undefined : `link kind ${feature.kind}`;
  if ('encap' in feature) return hasEncap(feature.encap) ? undefined : `encapsulation ${feature.encap}`;
  if ('ip' in feature) return compare(ipVersion(), feature.ip) >= 0 ? undefined : `iproute2 ${feature.ip}`;
  if ('module' in feature) return hasModule(feature.module) ? undefined : `module ${feature.module}`;
  if ('feature' in feature) return feature.missing() ? feature.feature : undefined;
  const { atLeast, below, why } = feature.kernel;
  if (atLeast !== undefined && compare(release(), atLeast) < 0) return `kernel ${atLeast}: ${why}`;
  if (below !== undefined && compare(release(), below) >= 0) return `kernel below ${below}: ${why}`;
  return undefined;
}

/** The kernel's release as numbers: `[6, 12]` for `6.12.95+deb12-amd64`. */
export function kernelRelease(): readonly [major: number, minor: number] {
  const [major = 0, minor = 0] = numbers(release());
  return [major, minor];
}

/** Compares by the first two numbers of each: negative when `a` is the older one. */
function compare(a: string, b: string): number {
  const [major, minor] = numbers(a);
  const [otherMajor, otherMinor] = numbers(b);
  return major! - otherMajor! || minor! - otherMinor!;
}

function numbers(version: string): number[] {
  const found = /(\d+)\.(\d+)/.exec(version);
  if (found === null) throw new Error(`"${version}" is no version`);
  return found.slice(1).map(Number);
}

let iproute: string | undefined;

function ipVersion(): string {
  iproute ??= execFileSync('ip', ['-V'], { encoding: 'utf8' });
  return iproute;
}

/** Whether a module is loaded, is built in, or can be loaded. */
function hasModule(name: string): boolean {
  return (
    spawnSync('sh', ['-c', `test -e /sys/module/${name} || modprobe ${name}`], {
      env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
    }).status === 0
  );
}

const kinds = new Map<string, boolean>();

/** Whether the kernel has a kind of links: it is asked for one in a namespace that is gone afterwards. */
export function hasKind(kind: string): boolean {
  let known = kinds.get(kind);
  if (known === undefined) {
    known = askForKind(kind);
    kinds.set(kind, known);
  }
  return known;
}

/** Asks for a link of the kind without saying more. Whatever the kernel answers, only one answer means that it does not know the kind. */
function askForKind(kind: string): boolean {
  if (kind === 'tun') loadTun();
  const RTM_NEWLINK = 16;
  // IFLA_LINKINFO, IFLA_INFO_KIND
  const linkInfo = attribute(18, attribute(1, Buffer.from(`${kind}\0`)));
  return !answerTo(RTM_NEWLINK, Buffer.concat([Buffer.alloc(16), linkInfo])).includes('Unknown device type');
}

/** LWTUNNEL_ENCAP_*. */
const encapsulations = { mpls: 1, ip: 2, ila: 3, ip6: 4, seg6: 5, bpf: 6, seg6local: 7, rpl: 8, ioam6: 9, xfrm: 10 } as const;
/** Modules of those that the kernel does not load when they are asked for. */
const unasked: Partial<Record<keyof typeof encapsulations, string>> = { ila: 'ila', xfrm: 'xfrm_interface' };
const encaps = new Map<string, boolean>();

/** Whether the kernel has a kind of encapsulation: it is asked for a route with one, and nothing about it. */
function hasEncap(encap: keyof typeof encapsulations): boolean {
  let known = encaps.get(encap);
  if (known === undefined) {
    const module = unasked[encap];
    if (module !== undefined) hasModule(module);
    const [RTM_NEWROUTE, AF_INET6, RTN_UNICAST, EOPNOTSUPP] = [24, 10, 1, 95];
    const type = Buffer.alloc(2);
    type.writeUInt16LE(encapsulations[encap]);
    // rtm_dst_len 128 and a type; RTA_DST, RTA_ENCAP_TYPE, RTA_ENCAP
    const rtmsg = Buffer.from([AF_INET6, 128, 0, 0, 254, 0, 0, RTN_UNICAST, 0, 0, 0, 0]);
    const destination = attribute(1, Buffer.from('fd00000000000000000000000000000f', 'hex'));
    const answer = answerTo(RTM_NEWROUTE, Buffer.concat([rtmsg, destination, attribute(21, type), attribute(22, Buffer.alloc(0))]));
    known = answer.readInt32LE(16) !== -EOPNOTSUPP;
    encaps.set(encap, known);
  }
  return known;
}

function attribute(type: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt16LE(4 + payload.length, 0);
  header.writeUInt16LE(type, 2);
  return Buffer.concat([header, payload, Buffer.alloc(-payload.length & 3)]);
}

/**
 * Asks the kernel to create something in a namespace that is gone afterwards. Written in bytes: what the schemas make of it must not decide
 * which of their tests run.
 * @returns the answer, an NLMSG_ERROR
 */
function answerTo(type: number, body: Buffer): Buffer {
  const namespace = createSync();
  const transport = namespace.run(() => defaultTransport()(0, undefined));
  try {
    const message = Buffer.concat([Buffer.alloc(16), body]);
    writeHeader(message, 0, message.length, type, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, 1);
    transport.send(message, message.length);
    for (;;) {
      const datagram = transport.receive();
      if (datagram === undefined) {
        if (!transport.wait(60_000)) throw new Error(`no answer to the request of type ${type}`);
        continue;
      }
      const answer = datagram.bytes.subarray(0, datagram.length);
      if (answer.readUInt16LE(4) !== NLMSG_ERROR) throw new Error(`no ack to the request of type ${type}`);
      return Buffer.from(answer);
    }
  } finally {
    transport.close();
    namespace.close();
  }
}

/** The one kind that the kernel loads when its device is opened, and not when a link of it is asked for. */
function loadTun(): void {
  try {
    closeSync(openSync('/dev/net/tun', 'r+'));
  } catch {
    // not there: the answer to the request says so
  }
}

/** /dev/net/tun belongs to root on some machines: an ordinary user who is root in a user namespace only may not open it there. */
export const tunDevice: Feature = {
  feature: 'a /dev/net/tun that may be opened',
  missing: () => {
    try {
      closeSync(openSync('/dev/net/tun', constants.O_RDWR));
      return false;
    } catch {
      return true;
    }
  },
};

/** A machine of the tests' own (scripts/kernels): what cannot be taken into a namespace of theirs is theirs there, too. */
export const ownMachine: Feature = { feature: 'a machine of its own', missing: () => process.env['NETLOOM_OWN_MACHINE'] !== '1' };

/** Whether users other than root have an id in the user namespace of the tests. An ordinary user's has root alone, and the kernel takes no other. */
export const mapsUsers: boolean = readFileSync('/proc/self/uid_map', 'utf8')
  .split('\n')
  .some((line) => Number(line.trim().split(/\s+/)[2]) > 65_534);

/** net/sched/act_api.c (tc_ctl_action) asks for CAP_NET_ADMIN over the first user namespace, whatever owns the network namespace. */
export const firstUsers: Feature = {
  feature: 'root of the first user namespace',
  missing: () => !/^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8')),
};
