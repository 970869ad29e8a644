/** The sysctls of a network namespace. */
import type { NamespaceLike } from '../netlink/sys/namespace.ts';
import { sysctlAsync, sysctlSync, sysctlText } from '../netlink/sys/sysctl.ts';

/** What {@link Sysctl.set} takes; true is `1`, false `0`. */
export type SysctlValue = string | number | boolean;

/**
 * Reads and writes the sysctls of one network namespace, those below `net.`. Names are as in sysctl(8): `net.ipv4.ip_forward`. A dot within
 * a part, such as an interface's, is written `/`, or all separators are: `net.ipv4.conf.eth0/5.forwarding`, `net/ipv4/conf/eth0.5/forwarding`.
 *
 * Every method throws InputError when the name is not one, or of the whole machine and not the namespace; NotFoundError when the namespace has no
 * such sysctl; ClosedError when the namespace is closed; and SystemError: `EACCES` or `EPERM` without CAP_NET_ADMIN over the namespace or where
 * the sysctl is read-only, `EINVAL` when the kernel does not accept the value.
 */
export class Sysctl {
  readonly #namespace: NamespaceLike;

  constructor(namespace: NamespaceLike) {
    this.#namespace = namespace;
  }

  /** The value, as the kernel prints it, without the line end. */
  async get(name: string): Promise<string> {
    return (await sysctlAsync(name, undefined, this.#namespace))!;
  }

  /** Sets the value, off the main thread: some wait for kernel locks. */
  async set(name: string, value: SysctlValue): Promise<void> {
    await sysctlAsync(name, sysctlText(value), this.#namespace);
  }

  /** {@link Sysctl.get}, in place. */
  getSync(name: string): string {
    return sysctlSync(name, undefined, this.#namespace)!;
  }

  /** {@link Sysctl.set}, in place. */
  setSync(name: string, value: SysctlValue): void {
    sysctlSync(name, sysctlText(value), this.#namespace);
  }
}
