/** Namespaces as targets: opened for a descriptor to put into a request, while the program stays where it is. */
import type { CloseNamespaceStep, OpenNamespaceStep, Program } from '../netlink/program.ts';
import type { NamespaceRef, OpenNamespace } from '../netlink/sys/namespace.ts';

/**
 * Opens the namespace that `reference` names for as long as the program that `make` returns runs. Unlike `within`, the
 * program's requests stay in the namespace they would be in anyway.
 *
 * @throws what opening throws, naming `argument`
 */
export function* holding<T>(
  reference: NamespaceRef | undefined,
  argument: string,
  make: (target: OpenNamespace | undefined) => Program<T>,
): Program<T> {
  if (reference === undefined) return yield* make(undefined);
  const open: OpenNamespaceStep = { op: 'open-namespace', reference, argument };
  const target = (yield open) as OpenNamespace;
  try {
    return yield* make(target);
  } finally {
    const close: CloseNamespaceStep = { op: 'close-namespace', namespace: target };
    yield close;
  }
}
