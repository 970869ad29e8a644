/** Transactions: changes that the kernel makes all together, or not at all. */
import { InputError } from '../netlink/errors.ts';
import type { Request } from '../netlink/operation.ts';
import type { CallOptions, Program, TransactionStep } from '../netlink/program.ts';
import { checkInteger, show } from '../netlink/scalar.ts';
import { bracketed } from './batch.ts';
import { type Chain, type ChainMessage, chainFromWire, newChain } from './chain.ts';
import { type Change, type Changes, change } from './change/change.ts';
import { settled } from './change/settle.ts';
import { type Flowtable, type FlowtableMessage, flowtableFromWire, newFlowtable } from './flowtable.ts';
import { generation } from './generation.ts';
import { outcomeTold } from './lost-answer.ts';
import type { NfGenMsg } from './nfnetlink.ts';
import { type NftObject, newObject, type ObjectMessage, objectFromWire } from './object.ts';
import { checkBoolean, checking, checkOptions } from './options.ts';
import { type EchoedRule, readEchoed } from './read-echo.ts';
import { newPackedRule, type PackedRule, type PackedRuleRequest, type Rule, ruleFromWire, unpacked } from './rule.ts';
import { newSet, type SetMessage } from './set.ts';
import { type NftSet, setFromWire } from './set-definition.ts';
import { newTable, type Table, type TableMessage, tableFromWire } from './table.ts';
import { sizeTold } from './too-large.ts';

export interface TransactionOptions extends CallOptions {
  /** Fail with ERESTART, and change nothing, unless the ruleset is of this generation. `update` reads, changes, and begins anew when that happens. */
  generation?: number;
  /**
   * Whether to find out, should the kernel's answer be lost, from the generation of the ruleset what became of the transaction, and to fail with
   * TransactionOutcomeError then. It asks for the generation first, unless `generation` is given. Default: true if that is, otherwise false.
   */
  confirm?: boolean;
  /**
   * Whether the kernel is to tell what it made of what is created. Default: true. Without, the lists of the result are empty: for transactions of thousands of rules, whose echoes would not fit the receive buffer.
   */
  echo?: boolean;
  /** Whether the rules of the result have `statements`, as those that are listed. Sets that they refer to by name are read for that. Default: false. */
  statements?: boolean;
}

/** What a transaction created, as the kernel made it: with handles. Each list is in the order of the changes. */
export interface TransactionResult {
  /** The tables that were made, as the kernel has them. */
  readonly tables: Table[];
  /** The chains that were made, as the kernel has them. */
  readonly chains: Chain[];
  /** The rules that were made, as the kernel has them. */
  readonly rules: Rule[];
  /** The sets that were made, as the kernel has them. */
  readonly sets: NftSet[];
  /** The objects that were made, as the kernel has them. */
  readonly objects: NftObject[];
  /** The flowtables that were made, as the kernel has them. */
  readonly flowtables: Flowtable[];
}

/** Collects the changes of one transaction, in order. Each method takes its change into the transaction, and returns it: a rule can be put beside one that was made before. */
export interface Transaction extends Changes {
  /** Takes changes made elsewhere. */
  add(...changes: readonly Change[]): void;
}

/** What a transaction is described by: a function that calls the methods of {@link Transaction}, or a list of changes. */
export type TransactionInput = ((tx: Transaction) => void) | readonly Change[];

/** The changes an input describes. @throws InputError */
export function collect(input: TransactionInput): readonly Change[] {
  if (Array.isArray(input)) return input as readonly Change[];
  if (typeof input !== 'function')
    throw new InputError('changes', `expected a function or an array of changes, got ${show(input)}`, 'ERR_INVALID_ARG_TYPE');
  const changes: Change[] = [];
  const collecting = <M extends object>(makers: M): M =>
    Object.fromEntries(
      Object.entries(makers as Record<string, (...args: unknown[]) => Change>).map(([name, make]) => [
        name,
        (...args: unknown[]) => {
          const made = make(...args);
          changes.push(made);
          return made;
        },
      ]),
    ) as M;
  const returned: unknown = input({
    tables: collecting(change.tables),
    chains: collecting(change.chains),
    rules: collecting(change.rules),
    sets: collecting(change.sets),
    elements: collecting(change.elements),
    objects: collecting(change.objects),
    flowtables: collecting(change.flowtables),
    ruleset: collecting(change.ruleset),
    add: (...more) => void changes.push(...more),
  });
  // what such a function does after its first await would not be part of the transaction
  if (typeof (returned as PromiseLike<unknown> | undefined)?.then === 'function')
    throw new InputError('changes', 'the function must not be async');
  return changes;
}

/**
 * Carries changes out as one transaction: all of them, or none. One without changes sends nothing.
 *
 * @throws InputError before anything is sent
 * @throws TransactionTooLargeError when it does not fit a datagram; nothing was sent then
 * @throws NetlinkError the first change that was refused, by name; `ERESTART` when the ruleset is not of `options.generation`
 * @throws TransactionOutcomeError when the kernel's answer was lost, with `confirm` or `generation`; OutcomeUnknownError or TimeoutError otherwise
 */
export function* transaction(input: TransactionInput, options: TransactionOptions = {}): Program<TransactionResult> {
  checkOptions(options, ['generation', 'confirm', 'echo', 'statements']);
  checkBoolean(options.echo, 'echo');
  checkBoolean(options.confirm, 'confirm');
  checkBoolean(options.statements, 'statements');
  if (options.generation !== undefined) checking('generation', () => checkInteger(options.generation, 0, 0xffffffff));
  const requests = yield* settled(collect(input));
  const made: PackedRule[] = [];
  const result = emptyResult(made);
  if (requests.length === 0) return result;
  const sent = options.echo === false ? requests.map(withoutEcho) : requests;
  const bracketedRequests = bracketed(sent, options.generation);
  // once sent, its outcome is awaited: what it made could not be found again without its handles
  const step: TransactionStep = { op: 'transaction', requests: bracketedRequests, patience: 'outcome' };
  const before =
    options.confirm === false ? undefined : (options.generation ?? (options.confirm === true ? yield* generation() : undefined));
  const answers = yield* outcomeTold(before, () =>
    sizeTold(requests.length, function* (): Program<unknown[]> {
      return (yield step) as unknown[];
    }),
  );
  const asked: PackedRuleRequest[] = [];
  for (const [i, answer] of answers.entries()) {
    const request = bracketedRequests[i]!;
    gather(result, made, request, answer);
    if (made.length > asked.length) asked.push(request.value as PackedRuleRequest);
  }
  if (options.statements !== true) return result;
  const echoed = result.rules.map((rule, i): EchoedRule => ({ rule, asked: unpacked(asked[i] as PackedRule).expressions ?? [] }));
  return { ...result, rules: yield* readEchoed(echoed, requests) };
}

/** `made`: the rules that are made; most callers of large transactions never look at them. */
function emptyResult(made: readonly PackedRule[]): TransactionResult {
  let rules: Rule[] | undefined;
  return {
    tables: [],
    chains: [],
    get rules() {
      rules ??= made.map((rule) => ruleFromWire(unpacked(rule)));
      return rules;
    },
    sets: [],
    objects: [],
    flowtables: [],
  };
}

function withoutEcho(request: Request): Request {
  return request.expects === 'echo' ? { ...request, expects: 'ack' } : request;
}

function gather(result: TransactionResult, made: PackedRule[], { operation, expects }: Request, answer: unknown): void {
  if (expects !== 'echo' || !Array.isArray(answer)) return;
  // after the end of the rule that a new one replaces, and before the new generation: that has no family, and comes as if in answer to the first message
  const last: unknown = answer.filter((reply: NfGenMsg) => reply.family !== 0).at(-1);
  if (last === undefined) return;
  if (operation === newTable) result.tables.push(tableFromWire(last as TableMessage));
  else if (operation === newChain) result.chains.push(chainFromWire(last as ChainMessage));
  else if (operation === newPackedRule) made.push(last as PackedRule);
  else if (operation === newSet) result.sets.push(setFromWire(last as SetMessage));
  else if (operation === newObject) result.objects.push(objectFromWire(last as ObjectMessage));
  else if (operation === newFlowtable) result.flowtables.push(flowtableFromWire(last as FlowtableMessage));
}
