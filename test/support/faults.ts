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
  /** For each datagram, by the type of its first message: what to wait for before it is sent. Of transports that are waited for alone. */
  hold?(type: number): Promise<void>;
  /** For each write of a sysctl. @returns true: it is refused */
  sysctl?(name: string): boolean;
}

/** nlmsg_type of no message: rtnetlink and nf_tables refuse it, and change nothing for it. */
const noType = 0x3f;

/** The transport to the kernel, interfered with. */
export function interferedWith({ message, around, hold, sysctl }: Interference): OpenTransport {
  const open: OpenTransport = (protocol, namespace) => {
    const transport = defaultTransport()(protocol, namespace);
    const prepare = (bytes: Buffer, length: number): Buffer => {
      around?.();
      if (message === undefined) return bytes;
      // what is sent is the caller's, who may look at it again to explain a refusal
      const copy = Buffer.from(bytes.subarray(0, length));
      for (let at = 0; at + 16 <= length; at += (copy.readUInt32LE(at) + 3) & ~3) {
        const type = copy.readUInt16LE(at + 4);
        if (message(type)) copy.writeUInt16LE((type & 0xff00) | noType, at + 4);
      }
      return copy;
    };
    return new Proxy(transport, {
      get(target, member: keyof Transport) {
        if (member === 'send')
          return (bytes: Buffer, length: number) => {
            target.send(prepare(bytes, length), length);
            around?.();
          };
        if (member === 'sendAsync')
          return async (bytes: Buffer, length: number) => {
            await hold?.(bytes.readUInt16LE(4));
            await target.sendAsync(prepare(bytes, length), length);
            around?.();
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
      around?.();
      return result;
    },
  };
  return open;
}
