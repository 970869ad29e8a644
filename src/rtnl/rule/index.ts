/** Rules of policy routing: what `netloom/rtnl` exports of this folder. */
export type { RuleFamily, RuleFlag, RuleType } from './enumerations.ts';
export {
  deleteRule,
  fibRuleHdr,
  getRule,
  newRule,
  type RuleAttributes,
  type RuleHeader,
  type RuleMessage,
  type RuleMessageInput,
  type RuleOperation,
  ruleAttributes,
  ruleMessage,
} from './message.ts';
export { type RuleFilter, rulePrograms } from './programs.ts';
export type { Rule } from './rule.ts';
export type { RuleSpec } from './spec.ts';
