/** Faults on the way to the real kernel: it is made to refuse a message, or the process is killed before or after one. */
import type { OpenTransport } from '../../src/netlink/host.ts';
import { sysctlSync } from '../../src/netlink/sys/sysctl.ts';
import { defaultTransport } from '../../src/netlink/transport/default.ts';
import { realSurroundings } from '../../src/netlink/transport/surroundings.ts';
import type { Transport } from '../../src/netlink/transport/transport.ts';

export interface Interference {
  /** For each message, in the order they are sent in. @returns true: the kernel is made to refuse it */
  message?(type: number): boolean;
  /** Before and after each datagram and each write of a sysctl. */
  around?(): void;
  /** For each datagram, by the type and the flags of its first message: what to wait for before it is sent. Of transports that are waited for alone. */
  hold?(type: number, flags: number): Promise<void>;
  /** After each datagram that asks for anything to be changed, and each write of a sysctl: between two of them the kernel is the same all the time. */
  changed?(): void;
  /** For each write of a sysctl. @returns true: it is refused */
  sysctl?(name: string): boolean;
  /** Whether new links are told to who made them, as by kernels since 6.2. Default: true. */
  echo?: boolean;
}

/** nlmsg_type of no message: rtnetlink and nf_tables refuse it, and change nothing for it. */
const noType = 0x3f;

const [RTM_NEWLINK, NLM_F_ECHO] = [16, 8];
const [NETLINK_ROUTE, NETLINK_SOCK_DIAG, NETLINK_NETFILTER] = [0, 4, 12];
/** NFNL_SUBSYS_CTNETLINK, with IPCTNL_MSG_CT_GET; NFNL_SUBSYS_NFTABLES, with each NFT_MSG_GET*. */
const netfilterReadings: Readonly<Record<number, readonly number[]>> = { 1: [1], 10: [1, 4, 7, 10, 13, 16, 19, 23] };

/** Whether a datagram holds anything but readings. Those of rtnetlink are each third of four; what is of another protocol is taken for a change. */
function changes(protocol: number, bytes: Buffer, length: number): boolean {
  if (protocol === NETLINK_SOCK_DIAG) return false;
  for (let at = 0; at + 16 <= length; at += (bytes.readUInt32LE(at) + 3) & ~3) {
    const type = bytes.readUInt16LE(at + 4);
    const reads =
      protocol === NETLINK_ROUTE
        ? type % 4 === 2
        : protocol === NETLINK_NETFILTER && netfilterReadings[type >> 8]?.includes(type & 0xff) === true;
    if (!reads) return true;
  }
  return false;
}

/** The transport to the kernel, interfered with. */
export function interferedWith({ message, around, changed, hold, sysctl, echo = true }: Interference): OpenTransport {
  const open: OpenTransport = (protocol, namespace) => {
    const transport = defaultTransport()(protocol, namespace);
    const prepare = (bytes: Buffer, length: number): Buffer => {
      around?.();
      if (message === undefined && echo) return bytes;
      // what is sent is the caller's, who may look at it again to explain a refusal
      const copy = Buffer.from(bytes.subarray(0, length));
      for (let at = 0; at + 16 <= length; at += (copy.readUInt32LE(at) + 3) & ~3) {
        const type = copy.readUInt16LE(at + 4);
        if (message?.(type) === true) copy.writeUInt16LE((type & 0xff00) | noType, at + 4);
        if (!echo && type === RTM_NEWLINK) copy.writeUInt16LE(copy.readUInt16LE(at + 6) & ~NLM_F_ECHO, at + 6);
      }
      return copy;
    };
    const after = (bytes: Buffer, length: number): void => {
      if (changed !== undefined && changes(protocol, bytes, length)) changed();
      around?.();
    };
    return new Proxy(transport, {
      get(target, member: keyof Transport) {
        if (member === 'send')
          return (bytes: Buffer, length: number) => {
            target.send(prepare(bytes, length), length);
            after(bytes, length);
          };
        if (member === 'sendAsync')
          return async (bytes: Buffer, length: number) => {
            await hold?.(bytes.readUInt16LE(4), bytes.readUInt16LE(6));
            await target.sendAsync(prepare(bytes, length), length);
            after(bytes, length);
          };
        const value = target[member];
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  };
  open.surroundings = {
    ...realSurroundings,
    sysctl: (name, value, namespace) => {
      if (value === undefined) return sysctlSync(name, value, namespace);
      around?.();
      if (sysctl?.(name) === true) throw Object.assign(new Error(`${name} is refused`), { code: 'EPERM' });
      const result = sysctlSync(name, value, namespace);
      changed?.();
      around?.();
      return result;
    },
  };
  return open;
}
