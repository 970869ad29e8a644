/** What can be done with rules. Source: include/uapi/linux/fib_rules.h, ip-rule(8). */
import { noneOf } from '../../netlink/choices.ts';
import { InputError, NetlinkError, NotFoundError, UnsupportedError } from '../../netlink/errors.ts';
import { checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/message.ts';
import { ask, askEach, type CallOptions, type Program } from '../../netlink/program.ts';
import { checkInteger } from '../../netlink/scalar.ts';
import { AF_UNSPEC } from '../family.ts';
import { findLink, type LinkRef } from '../link/reference.ts';
import { type RouteProtocol, type RouteTable, routeProtocol, routeTable } from '../route/enumerations.ts';
import { type RuleFamily, type RuleType, ruleFamilies, ruleType } from './enumerations.ts';
import { deleteRule, getRule, newRule, type RuleMessage, type RuleMessageInput } from './message.ts';
import { type Rule, toRule } from './rule.ts';
import { covers, sameRule } from './same.ts';
import { describeRule, planRule, type RulePlan, type RuleSpec, renameRulePath, wholeRule } from './spec.ts';
import { checkSupport } from './support.ts';

/** Which rules to list. */
export interface RuleFilter extends CallOptions {
  /** Default: `inet` and `inet6`. */
  family?: RuleFamily;
  /** Only rules with this priority. */
  priority?: number;
  /** Only rules of this type: `unicast`, `blackhole`, `goto`, … */
  type?: RuleType;
  /** Only rules that look up in this table. */
  table?: RouteTable;
  /** Only rules that this one made: `kernel`, `static`, … */
  protocol?: RouteProtocol;
  /** Only rules for packets that came in by this link. */
  iif?: LinkRef;
  /** Only rules for packets of sockets bound to this link. */
  oif?: LinkRef;
}

const filterMembers = memberNames<Omit<RuleFilter, keyof CallOptions>>({
  family: true,
  priority: true,
  type: true,
  table: true,
  protocol: true,
  iif: true,
  oif: true,
});

function* list(filter: RuleFilter = {}): Program<Rule[]> {
  checkOptions(filter, 'filter', filterMembers);
  const { family, priority } = filter;
  if (family !== undefined && !Object.hasOwn(ruleFamilies.values, family))
    throw new InputError('family', noneOf(family, Object.keys(ruleFamilies.values)));
  const wanted: Partial<Rule> = {};
  if (priority !== undefined) inArgument('priority', () => checkInteger(priority, 0, 0xffffffff));
  if (filter.type !== undefined) wanted.type = inArgument('type', () => ruleType.nameOf(ruleType.valueOf(filter.type!)));
  if (filter.table !== undefined) wanted.table = inArgument('table', () => routeTable.nameOf(routeTable.valueOf(filter.table!)));
  const protocol =
    filter.protocol === undefined ? undefined : inArgument('protocol', () => routeProtocol.nameOf(routeProtocol.valueOf(filter.protocol!)));
  for (const member of ['iif', 'oif'] as const) {
    const ref = filter[member];
    if (ref !== undefined) wanted[member] = typeof ref === 'string' ? ref : (yield* findLink(ref, member)).name!;
  }
  const rules = yield* dump(family);
  return rules.filter(
    (rule) =>
      (priority === undefined || rule.priority === priority) &&
      (protocol === undefined || (rule.protocol ?? 'unspec') === protocol) &&
      covers(wanted, rule),
  );
}

function* dump(family: RuleFamily | undefined): Program<Rule[]> {
  const value: RuleMessageInput = { family: family === undefined ? AF_UNSPEC : ruleFamilies.values[family] };
  const all = yield* ask({ operation: getRule, flags: 0, value, expects: 'dump' as const, subject: 'rules' });
  const rules = all.flatMap((wire) => toRule(wire) ?? []);
  // to AF_UNSPEC multicast routing answers as well
  return rules.filter((rule) => (family === undefined ? rule.family === 'inet' || rule.family === 'inet6' : rule.family === family));
}

/** Asks for the names that the message needs. */
function* named({ wire, names }: RulePlan): Program<RuleMessageInput> {
  for (const { ref, argument, member } of names) wire[member] = (yield* findLink(ref, argument)).name!;
  return wire;
}

/** The rule that a checked message stands for. */
function meant(wire: RuleMessageInput): Rule {
  return toRule(wholeRule(wire))!;
}

function* create(spec: RuleSpec): Program<Rule> {
  const plan = planRule(spec);
  const wire = yield* named(plan);
  const made = yield* add(wire, plan.subject);
  if (made.ok) return made.rule;
  throw made.error;
}

type Made = { readonly ok: true; readonly rule: Rule } | { readonly ok: false; readonly rule: Rule; readonly error: NetlinkError };

/** Adds a rule unless it is there. */
function* add(wire: RuleMessageInput, subject: string): Program<Made> {
  yield* checkSupport(wire, subject);
  try {
    return { ok: true, rule: yield* added(wire, NLM_F_CREATE | NLM_F_EXCL, subject) };
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== 'EEXIST') throw error;
    const wanted = meant(wire);
    for (const rule of yield* dump(wanted.family)) if (sameRule(wanted, rule)) return { ok: false, rule, error };
    // what the kernel found says more than this one, and is another rule
    return { ok: true, rule: yield* added(wire, NLM_F_CREATE, subject) };
  }
}

function* added(value: RuleMessageInput, flags: number, subject: string): Program<Rule> {
  const [echo] = yield* ask({ operation: newRule, flags, value, expects: 'echo' as const, subject, rename: renameRulePath });
  return toRule(echo as RuleMessage)!;
}

function* ensure(spec: RuleSpec): Program<Rule> {
  const plan = planRule(spec);
  const wire = yield* named(plan);
  if (wire.priority === undefined) {
    // the kernel would make one of another priority
    const wanted = meant(wire);
    for (const rule of yield* dump(wanted.family)) if (sameRule({ ...wanted, priority: rule.priority }, rule)) return rule;
  }
  return (yield* add(wire, plan.subject)).rule;
}

function* get(spec: RuleSpec): Program<Rule> {
  const plan = planRule(spec, true);
  const wire = yield* named(plan);
  const wanted = wire.action === undefined ? without(meant(wire), 'type') : meant(wire);
  for (const rule of yield* dump(meant(wire).family)) {
    const priority = wire.priority === undefined || rule.priority === wire.priority;
    const protocol = wire.protocol === undefined || (rule.protocol ?? 'unspec') === wanted.protocol;
    if (priority && protocol && covers(wanted, rule)) return rule;
  }
  throw new NotFoundError('spec', `rule ${plan.subject}`, 'ENOENT');
}

function without<T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> {
  const { [key]: _left, ...rest } = value;
  return rest;
}

function* remove(spec: RuleSpec): Program<void> {
  const plan = planRule(spec, true);
  const value = yield* named(plan);
  // a kernel that passes over a member would delete another rule
  yield* checkSupport(value, plan.subject);
  yield* ask({ operation: deleteRule, flags: 0, value, expects: 'ack' as const, subject: plan.subject, rename: renameRulePath });
}

function* ensureAbsent(spec: RuleSpec): Program<void> {
  try {
    yield* remove(spec);
  } catch (error) {
    // what a kernel cannot have is absent
    if (error instanceof NotFoundError || error instanceof UnsupportedError) return;
    if (!(error instanceof NetlinkError) || error.code !== 'ENOENT') throw error;
  }
}

function* flush(filter: RuleFilter = {}): Program<number> {
  const rules = (yield* list(filter)).filter((rule) => rule.protocol !== 'kernel' || filter.protocol === 'kernel');
  const requests = rules.map((rule) => ({
    operation: deleteRule,
    flags: 0,
    value: planRule(rule, true).wire,
    expects: 'ack' as const,
    subject: describeRule(rule),
  }));
  let deleted = 0;
  for (const outcome of requests.length === 0 ? [] : yield* askEach(requests)) {
    if (outcome.ok) deleted++;
    // somebody else was faster
    else if ((outcome.error as NodeJS.ErrnoException).code !== 'ENOENT') throw outcome.error;
  }
  return deleted;
}

/** The programs of {@link RtnlClient.rules}. */
export const rulePrograms = {
  /**
   * The rules of the namespace in the order in which they are tried, IPv4 before IPv6, or those that `filter` describes.
   *
   * @throws InputError for a bad filter
   * @throws NotFoundError when `iif` or `oif` is given by an index that no link has
   */
  list,
  /**
   * The first rule that has what `spec` says; what it does not say may be anything.
   *
   * @throws NotFoundError `ENOENT` when there is none
   */
  get,
  /**
   * Adds a rule. Two rules of one priority may differ in a single member.
   *
   * @returns the rule as the kernel made it, with its priority
   * @throws InputError for a bad member, before anything is sent
   * @throws NetlinkError `EEXIST` when there is this rule of this priority; without a priority it is a new one every time
   * @throws UnsupportedError when the kernel would pass over a member: `dscp`, `flowLabel`, the masks of ports
   */
  create,
  /**
   * Deletes the first rule that has what `spec` says; what it does not say may be anything.
   *
   * @throws NetlinkError `ENOENT` when there is none
   * @throws UnsupportedError when the kernel would pass over a member, and delete another rule
   */
  delete: remove,
  /**
   * Adds a rule unless it is there: one that says what `spec` says, no more and no less, of any priority if `spec` has none.
   *
   * @returns the rule as it is
   */
  ensure,
  /** Deletes the first rule that has what `spec` says, if there is one. */
  ensureAbsent,
  /**
   * Deletes the rules that `filter` describes, but for those that the kernel made (`protocol` `kernel`) unless it asks for them.
   *
   * @returns how many
   */
  flush,
} as const;
