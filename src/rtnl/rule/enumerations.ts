/** The numbers of rules that have names. Source: include/uapi/linux/fib_rules.h; names of ip-rule(8). */
import { type Enumerated, type EnumerationCodec, enumeration, type FlagsCodec, flags } from '../../netlink/enumeration.ts';
import { u8, u32 } from '../../netlink/scalar.ts';

const types = { unspec: 0, unicast: 1, goto: 2, nop: 3, blackhole: 6, unreachable: 7, prohibit: 8 } as const;

/**
 * What a rule does with the packets it matches, FR_ACT_*: `unicast` looks them up in a table (FR_ACT_TO_TBL), `goto` goes on at another
 * rule, `nop` goes on at the next one, the others refuse them.
 */
export type RuleType = Enumerated<typeof types>;
export const ruleType: EnumerationCodec<typeof types> = enumeration(u8, types);

const bits = { permanent: 0x1, invert: 0x2, unresolved: 0x4, iif_detached: 0x8, oif_detached: 0x10, find_saddr: 0x10000 } as const;

/** The rule is for the packets that do not match. */
export const FIB_RULE_INVERT: number = bits.invert;

/**
 * State of a rule, FIB_RULE_*: `iif_detached` and `oif_detached`, there is no such link at the moment; `unresolved`, no rule to go to;
 * bits without a name as numbers.
 */
export type RuleFlag = Enumerated<typeof bits>;
export const ruleFlags: FlagsCodec<typeof bits> = flags(u32, bits);

const families = { inet: 2, inet6: 10, ipmr: 128, ip6mr: 129 } as const;

/** Whose routes a rule chooses among: `inet`, `inet6`, or those of multicast routing, `ipmr` and `ip6mr` (RTNL_FAMILY_*). */
export type RuleFamily = keyof typeof families;

/** Names of the families that have rules. */
export const ruleFamilies: EnumerationCodec<typeof families> = enumeration(u8, families);
