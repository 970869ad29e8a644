/** What to do about a capability that the kernel found lacking: it depends on who asked. Sources: capabilities(7), user_namespaces(7). */
import { readFileSync } from 'node:fs';

/** Number of CAP_NET_ADMIN in include/uapi/linux/capability.h. */
const CAP_NET_ADMIN = 12n;

const ownNamespace = 'in a user namespace of your own (unshare --user --map-root-user --net)';

/** For the message of a refusal that came of this. */
export function lacksNetAdmin(): string {
  if (hasNetAdmin())
    return `needs CAP_NET_ADMIN over the user namespaces that own the network namespaces it is about, not over the own alone`;
  const way =
    process.geteuid?.() === 0 ? 'root lacks it here, as in most containers (--cap-add NET_ADMIN gives it); or run' : 'run as root, or';
  return `needs CAP_NET_ADMIN: ${way} ${ownNamespace}`;
}

/** Whether the process has it at all, over its own user namespace; where that cannot be read it is taken for not. */
function hasNetAdmin(): boolean {
  try {
    const [, effective] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return effective !== undefined && (BigInt(`0x${effective}`) & (1n << CAP_NET_ADMIN)) !== 0n;
  } catch {
    return false;
  }
}
