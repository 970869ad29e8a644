/**
 * What the kernel offers beside netlink sockets, and programs need: namespaces and sysctls. A transport that talks to no kernel (a fake
 * one, a recording) brings its own.
 */
import type { NamespaceRef, OpenNamespace } from '../sys/namespace.ts';
import { closeNamespace, openNamespace } from '../sys/namespace.ts';

/** What a transport answers besides messages: namespaces and sysctls, where they are not the machine's. */
export interface Surroundings {
  /** Opens what a reference names; `argument` is where it came from, for errors. @throws InputError, NotFoundError, SystemError */
  openNamespace(reference: NamespaceRef, argument: string): OpenNamespace;
  /** Closes what {@link openNamespace} opened. */
  closeNamespace(namespace: OpenNamespace): void;
  /** Reads a sysctl (`net.ipv4.ip_forward`), or with a value writes it. Absent: it is that of the real kernel. */
  readonly sysctl?: ((name: string, value: string | undefined, namespace: OpenNamespace | undefined) => string | undefined) | undefined;
}

/** Those of the machine. */
export const realSurroundings: Surroundings = { openNamespace, closeNamespace };
