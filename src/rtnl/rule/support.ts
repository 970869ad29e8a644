/** What kernels before a release pass over in silence: a rule made without it would match more than was asked for. */
import { NetlinkError, UnsupportedError } from '../../netlink/errors.ts';
import type { Request } from '../../netlink/operation.ts';
import { askEach, type Program } from '../../netlink/program.ts';
import { newRule, type RuleMessage, type RuleMessageInput, ruleAttributes } from './message.ts';

const since = {
  dscp: 'Linux 6.13',
  flowLabel: 'Linux 6.14',
  flowLabelMask: 'Linux 6.14',
  sportMask: 'Linux 6.15',
  dportMask: 'Linux 6.15',
  dscpMask: 'Linux 6.15',
} as const;

const EOPNOTSUPP = 95;

/**
 * Checks that the kernel knows the newer attributes among those of `wire`; without any, asks nothing.
 *
 * A kernel that knows one refuses it for being empty, and points at it; one that does not gets as far as the prefix length, which cannot be,
 * and points at nothing. Neither makes a rule.
 *
 * @throws UnsupportedError naming the attribute
 */
export function* checkSupport(wire: RuleMessageInput, subject: string): Program<void> {
  const wanted = (Object.keys(since) as (keyof typeof since)[]).filter((key) => wire[key] !== undefined);
  if (wanted.length === 0) return;
  const probes = wanted.map((key): Request<RuleMessage, 'ack'> => {
    const { type } = ruleAttributes.declarations[key]!;
    return {
      operation: newRule,
      flags: 0,
      value: { family: wire.family, srcLength: 255, unknown: [{ type, data: new Uint8Array(0) }] },
      expects: 'ack',
      subject,
    };
  });
  for (const [i, outcome] of (yield* askEach(probes)).entries()) {
    const key = wanted[i]!;
    const error = outcome.ok ? undefined : outcome.error;
    const refused = error instanceof NetlinkError && (error.code === 'EINVAL' || error.code === 'ERANGE');
    if (refused && error.extack?.offset === undefined)
      throw new UnsupportedError({ syscall: newRule.name, subject, errno: EOPNOTSUPP, attribute: key, hint: `needs ${since[key]}` });
    if (error !== undefined && !refused) throw error;
  }
}
