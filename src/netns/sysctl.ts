/** The sysctls of a network namespace. */
import { close, closeSync, readFile, readFileSync, write, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import type { NamespaceLike } from '../netlink/sys/namespace.ts';
import { openSysctl, type SysctlFile, sysctlText } from '../netlink/sys/sysctl.ts';

const closeFile = promisify(close);
const readText = promisify(readFile);
const writeText = promisify<number, string>(write);

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
    const file = openSysctl(name, false, this.#namespace);
    try {
      return withoutLineEnd(await readText(file.fd, 'utf8'));
    } catch (error) {
      throw file.explain(error);
    } finally {
      await closeFile(file.fd);
    }
  }

  /** Sets the value, off the main thread: some wait for kernel locks. */
  async set(name: string, value: SysctlValue): Promise<void> {
    const text = sysctlText(value);
    const file = openSysctl(name, true, this.#namespace);
    try {
      await writeText(file.fd, text);
    } catch (error) {
      throw file.explain(error);
    } finally {
      await closeFile(file.fd);
    }
  }

  /** {@link Sysctl.get}, in place. */
  getSync(name: string): string {
    return inPlace(openSysctl(name, false, this.#namespace), (fd) => withoutLineEnd(readFileSync(fd, 'utf8')));
  }

  /** {@link Sysctl.set}, in place. */
  setSync(name: string, value: SysctlValue): void {
    const text = sysctlText(value);
    inPlace(openSysctl(name, true, this.#namespace), (fd) => writeSync(fd, text));
  }
}

function inPlace<T>(file: SysctlFile, use: (fd: number) => T): T {
  try {
    return use(file.fd);
  } catch (error) {
    throw file.explain(error);
  } finally {
    closeSync(file.fd);
  }
}

function withoutLineEnd(text: string): string {
  return text.replace(/\n$/, '');
}
