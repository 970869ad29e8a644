/** What can be done with timeout policies and with the defaults of the namespace. Source: nfct(8), TIMEOUT. */
import { type Listed, type ListOptions, listing, listMembers } from '../../netlink/dump.ts';
import { NetlinkError } from '../../netlink/errors.ts';
import { checkCallOptions, checkOptions } from '../../netlink/input.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/message.ts';
import { ask, type CallOptions, type Program } from '../../netlink/program.ts';
import { single } from '../nfnetlink.ts';
import type { FlowProtocol } from '../protocol.ts';
import { deleteTimeout, getDefaultTimeout, getTimeout, newTimeout, setDefaultTimeout, type TimeoutMessage } from './message.ts';
import {
  checkPolicyName,
  policyFromWire,
  policyToWire,
  renameTimeoutPath as rename,
  type TimeoutKey,
  type TimeoutPolicy,
  type TimeoutPolicyInput,
  type TimeoutsOf,
  timeoutsToWire,
} from './policy.ts';

// biome-ignore lint/correctness/useYield: what is listed is known without asking
function* listed(options: ListOptions = {}): Program<Listed<TimeoutMessage, TimeoutPolicy>> {
  checkOptions(options, 'options', listMembers);
  return {
    request: { operation: getTimeout, flags: 0, value: {}, expects: 'dump', subject: 'timeout policies' },
    // biome-ignore lint/correctness/useYield: a policy is all in its message
    *convert(wires) {
      return wires.map(policyFromWire);
    },
    interrupted: options.interrupted,
  };
}

function* made(policy: TimeoutPolicyInput, flags: number, options?: CallOptions): Program<void> {
  checkCallOptions(options);
  const value = policyToWire(policy);
  const subject = `timeout policy ${value.name}`;
  yield* ask({ operation: newTimeout, flags: NLM_F_CREATE | flags, value, expects: 'ack' as const, subject, rename });
}

function* remove(name: string, options?: CallOptions): Program<void> {
  checkCallOptions(options);
  const value = { name: checkPolicyName(name) };
  yield* ask({ operation: deleteTimeout, flags: 0, value, expects: 'ack' as const, subject: `timeout policy ${name}` });
}

function describeKey({ family, protocol }: TimeoutKey): string {
  return `default timeouts of ${protocol} over ${family === 'inet6' ? 'IPv6' : 'IPv4'}`;
}

/** The programs of {@link ConntrackClient.timeouts}. They need CONFIG_NF_CT_NETLINK_TIMEOUT (the module nfnetlink_cttimeout). */
export const timeoutPrograms = {
  /** The policies of the namespace. */
  list: listing(listed),

  /** One policy. @throws NetlinkError `ENOENT` when there is none */
  *get(name: string, options?: CallOptions): Program<TimeoutPolicy> {
    checkCallOptions(options);
    const value = { name: checkPolicyName(name) };
    const found = yield* ask({ operation: getTimeout, flags: single, value, expects: 'reply' as const, subject: `timeout policy ${name}` });
    return policyFromWire(found);
  },

  /** Makes a policy. @throws NetlinkError `EEXIST` when there is one of the name @throws UnsupportedError when the kernel does not know the protocol */
  create: (policy: TimeoutPolicyInput, options?: CallOptions): Program<void> => made(policy, NLM_F_EXCL, options),

  /** Makes a policy, or gives the one of the name other timeouts. @throws NetlinkError `EINVAL` when that is for another protocol */
  replace: (policy: TimeoutPolicyInput, options?: CallOptions): Program<void> => made(policy, NLM_F_REPLACE, options),

  /** Deletes a policy. @throws NetlinkError `ENOENT` when there is none, `EBUSY` when a rule refers to it */
  delete: remove,

  /** Deletes a policy, if there is one. @throws NetlinkError `EBUSY` when a rule refers to it */
  *ensureAbsent(name: string, options?: CallOptions): Program<void> {
    try {
      yield* remove(name, options);
    } catch (error) {
      if (!(error instanceof NetlinkError) || error.code !== 'ENOENT') throw error;
    }
  },

  /** Deletes every policy of the namespace that no rule refers to. */
  *flush(options?: CallOptions): Program<void> {
    checkCallOptions(options);
    yield* ask({ operation: deleteTimeout, flags: 0, value: {}, expects: 'ack' as const, subject: 'all timeout policies' });
  },

  /** The timeouts that flows of a protocol have in the namespace when no rule gives them others. */
  *defaults<P extends FlowProtocol>(key: TimeoutKey<P>, options?: CallOptions): Program<TimeoutsOf<P>> {
    checkCallOptions(options);
    const { l3proto, l4proto } = timeoutsToWire(key, {});
    const value = { l3proto: l3proto!, l4proto: l4proto!, policy: {} };
    const found = yield* ask({
      operation: getDefaultTimeout,
      flags: single,
      value,
      expects: 'reply' as const,
      subject: describeKey(key),
      rename,
    });
    return (found.policy ?? {}) as TimeoutsOf<P>;
  },

  /** Sets them; those that `timeouts` leaves out stay. */
  *setDefaults<P extends FlowProtocol>(key: TimeoutKey<P>, timeouts: TimeoutsOf<P>, options?: CallOptions): Program<void> {
    checkCallOptions(options);
    const value = timeoutsToWire(key, timeouts);
    yield* ask({ operation: setDefaultTimeout, flags: 0, value, expects: 'ack' as const, subject: describeKey(key), rename });
  },
} as const;
