/** Letting the packets of an interface through this machine. Source: nft(8). */
import { type CallOptions, type Program, within } from '../netlink/program.ts';
import type { NamespaceRef } from '../netlink/sys/namespace.ts';
import { checkInterfacePattern } from './interface-pattern.ts';
import { accept, counter, meta, rule } from './language/index.ts';
import { linearize } from './linearize/linearize.ts';
import { checking, checkOptions } from './options.ts';
import { ensureOwned, type OwnedRules, removeOwned, type WantedRules } from './owned-rules.ts';
import { keyFor } from './owner.ts';
import { userDataOf } from './userdata.ts';

export interface ForwardAcceptOptions extends CallOptions {
  /** Packets that come in or go out by this interface; a `*` at its end stands for any rest. It need not exist. */
  interface: string;
  /** What nft prints as the comment of both rules: at most 128 bytes. */
  comment?: string;
  /** The network namespace to act in. Default: that of the process. */
  netns?: NamespaceRef;
}

/** Names rules that were made: plain data, to be given to {@link removeForwardAccept}, by this process or another. */
export interface ForwardAcceptHandle extends OwnedRules {}

/**
 * Accepts what is forwarded from and to an interface, IPv4 and IPv6: two rules in the chain `forward` (filter, hook
 * forward, priority filter) of the table `inet netloom`, in one transaction. Asked for twice, they are the same two.
 *
 * An accept is the last word in its own chain alone: a packet that another base chain of the hook drops is dropped. On a
 * machine with Docker the policy of `ip filter FORWARD` is drop, and its packets have to be accepted there too.
 *
 * @throws InputError naming the option that is wrong, before anything is sent
 * @throws NetlinkError what the kernel refused
 */
export function* forwardAccept(options: ForwardAcceptOptions): Program<ForwardAcceptHandle> {
  const want = describeForwardAccept(options);
  return yield* within(options.netns, 'netns', () => ensureOwned(want));
}

/** Removes the rules that {@link forwardAccept} made, as {@link removeMasquerade} does. @throws InputError, NetlinkError */
export function* removeForwardAccept(handle: ForwardAcceptHandle, options: CallOptions & { netns?: NamespaceRef } = {}): Program<void> {
  checkOptions(options, ['netns']);
  yield* within(options.netns, 'netns', () => removeOwned(handle));
}

/** The rules that options ask for. @throws InputError */
export function describeForwardAccept(options: ForwardAcceptOptions): WantedRules {
  checkOptions(options, ['netns', 'interface', 'comment']);
  const { interface: name, comment } = options;
  checking('interface', () => checkInterfacePattern(name));
  userDataOf(comment === undefined ? {} : { comment });
  const rules = (['iifname', 'oifname'] as const).map((key) => ({
    ...linearize('inet', rule(meta[key].in(name), counter(), accept())),
    ...(comment === undefined ? {} : { comment }),
  }));
  return {
    chain: { family: 'inet', table: 'netloom', name: 'forward', type: 'filter', hook: 'forward', priority: 'filter' },
    key: keyFor('forward-accept', [name, comment ?? null]),
    rules,
  };
}
