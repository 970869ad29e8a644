/** What the messages of a transaction say, one change after another. */
import type { ChangeEvent } from '../../netlink/monitor-kind.ts';
import type { Notification } from '../../netlink/monitor-socket.ts';
import type { Operation } from '../../netlink/operation.ts';
import { type Chain, chainFromWire, deleteChain, destroyChain, newChain } from '../chain.ts';
import { chainBroughtBy, isBroughtAlong } from '../delinearize/blocks.ts';
import { type FilledSet, isAnonymous } from '../delinearize/held.ts';
import { deleteElements, destroyElements, type ElementMessage, newElements, type SetElement } from '../element.ts';
import { deleteFlowtable, destroyFlowtable, type Flowtable, flowtableFromWire, newFlowtable } from '../flowtable.ts';
import { type Family, familyName } from '../nfnetlink.ts';
import { deleteObject, destroyObject, type NftObject, newObject, objectFromWire } from '../object.ts';
import { withStatements } from '../read-rules.ts';
import { deleteRule, destroyRule, newRule, type Rule, ruleFromWire } from '../rule.ts';
import { deleteSet, destroySet, newSet } from '../set.ts';
import { type NftSet, type SetType, setFromWire } from '../set-definition.ts';
import { type Element, elementLayout, elementsFromWire } from '../set-elements.ts';
import { deleteTable, destroyTable, newTable, type Table, tableFromWire } from '../table.ts';

/** An element, with the set it is in. */
export interface ElementOfSet extends Element {
  /** Family of the table. */
  family: Family;
  /** Name of the table. */
  table: string;
  /** Name of the set or map. */
  set: string;
}

/** One change: `kind` says of what, `action` whether it came (`new`) or went (`old`). What is changed comes as `new`: the kernel does not tell it from what is made. */
export type NftChange =
  | ChangeEvent<'table', Table>
  | ChangeEvent<'chain', Chain>
  | ChangeEvent<'rule', Rule>
  | ChangeEvent<'set', NftSet>
  | ChangeEvent<'element', ElementOfSet>
  | ChangeEvent<'object', NftObject>
  | ChangeEvent<'flowtable', Flowtable>;

interface Reader {
  readonly kind: Exclude<NftChange['kind'], 'element'>;
  readonly action: 'new' | 'delete';
  readonly read: (source: Uint8Array, offset: number, length: number) => object;
}

/** One line an object: how it comes, how it goes. */
function readersOf<W>(
  kind: Reader['kind'],
  fromWire: (wire: W) => object,
  made: Operation<never, W>,
  ...gone: readonly Operation<never, W>[]
): [number, Reader][] {
  const read: Reader['read'] = (source, offset, length) => fromWire(made.reply.decode(source, offset, length));
  return [
    [made.type, { kind, action: 'new', read }],
    ...gone.map(({ type }): [number, Reader] => [type, { kind, action: 'delete', read }]),
  ];
}

let readers: ReadonlyMap<number, Reader> | undefined;

function readerOf(type: number): Reader | undefined {
  readers ??= new Map([
    ...readersOf('table', tableFromWire, newTable, deleteTable, destroyTable),
    ...readersOf('chain', chainFromWire, newChain, deleteChain, destroyChain),
    ...readersOf('rule', ruleFromWire, newRule, deleteRule, destroyRule),
    ...readersOf('set', setFromWire, newSet, deleteSet, destroySet),
    ...readersOf('object', objectFromWire, newObject, deleteObject, destroyObject),
    ...readersOf('flowtable', flowtableFromWire, newFlowtable, deleteFlowtable, destroyFlowtable),
  ]);
  return readers.get(type);
}

/** Elements of one set that came, or went, together: the ends of an interval are messages of their own. */
interface Run {
  readonly action: 'new' | 'delete';
  readonly of: ElementMessage;
  readonly elements: SetElement[];
}

/** Gathers the changes of one transaction. It remembers the types of sets, without which elements are bytes. */
export class ChangeReader {
  /** By family, table and name; those that rules brought along with what they hold, if rules are read. */
  private readonly sets = new Map<string, FilledSet>();
  /** By family, table and chain: rules that others brought along, if rules are read. The kernel does not tell that they go. */
  private readonly blocks = new Map<string, Rule[]>();
  private readonly statements: boolean;
  private pending: (NftChange | Run)[] = [];

  /** `statements`: whether rules are to tell what they say. */
  constructor(statements: boolean) {
    this.statements = statements;
  }

  /** Forgets the sets, and the rules that others brought along, and takes those that there are. */
  learn(sets: Iterable<FilledSet>, rules: Iterable<Rule> = []): void {
    this.sets.clear();
    this.blocks.clear();
    for (const set of sets) this.sets.set(keyOf(set.family, set.table, set.name), set);
    if (!this.statements) return;
    for (const rule of rules) if (isBroughtAlong(rule.chain)) this.blockOf(rule, rule.chain).push(rule);
  }

  /** The rules of a chain that one brought along: to be added to. */
  private blockOf({ family, table }: Pick<Rule, 'family' | 'table'>, chain: string): Rule[] {
    const key = keyOf(family, table, chain);
    const block = this.blocks.get(key) ?? [];
    this.blocks.set(key, block);
    return block;
  }

  /** Takes in a message that is part of a transaction. @throws MalformedMessageError */
  accept({ type, bytes, offset, length }: Notification): void {
    const elements =
      type === newElements.type ? 'new' : type === deleteElements.type || type === destroyElements.type ? 'delete' : undefined;
    if (elements !== undefined) {
      this.acceptElements(elements, newElements.reply.decode(bytes, offset, length));
      return;
    }
    const reader = readerOf(type);
    if (reader === undefined) return;
    const object = reader.read(bytes, offset, length);
    const { kind, action } = reader;
    if (kind === 'set' && action === 'new') {
      const { family, table, name } = object as NftSet;
      this.sets.set(keyOf(family, table, name), { ...(object as NftSet), elements: [] });
    }
    this.pending.push((action === 'new' ? { kind, action, new: object } : { kind, action, old: object }) as NftChange);
  }

  private acceptElements(action: Run['action'], of: ElementMessage): void {
    const last = this.pending.at(-1);
    if (last !== undefined && 'of' in last && last.action === action && sameSet(last.of, of)) last.elements.push(...(of.elements ?? []));
    else this.pending.push({ action, of, elements: [...(of.elements ?? [])] });
  }

  /** The changes since the last transaction. */
  take(): NftChange[] {
    const { pending } = this;
    this.pending = [];
    const changes = pending.flatMap((each) => ('of' in each ? this.elementChanges(each) : [each]));
    if (this.statements) this.readRules(changes);
    // only now: elements of a set that went with it came after the set itself
    for (const change of changes)
      if (change.kind === 'set' && change.action === 'delete')
        this.sets.delete(keyOf(change.old.family, change.old.table, change.old.name));
    return changes;
  }

  private readRules(changes: readonly NftChange[]): void {
    for (const change of changes) {
      if (change.kind !== 'element' || change.action !== 'new') continue;
      const { family, table, set: name, ...element } = change.new;
      const set = this.sets.get(keyOf(family, table, name));
      if (set !== undefined && isAnonymous(set)) (set.elements as Element[] | undefined)?.push(element);
    }
    const rules: Rule[] = [];
    for (const change of changes) {
      // a chain that was heard of is told from its beginning
      if (change.kind === 'chain' && change.action === 'new' && isBroughtAlong(change.new.name))
        this.blocks.delete(keyOf(change.new.family, change.new.table, change.new.name));
      if (change.kind !== 'rule') continue;
      rules.push(change.action === 'delete' ? change.old : change.new);
      if (change.action === 'new' && isBroughtAlong(change.new.chain)) this.blockOf(change.new, change.new.chain).push(change.new);
    }
    if (rules.length === 0) return;
    const read = withStatements(rules, [...this.sets.values()], [...this.blocks.values()].flat());
    for (const [i, { statements }] of read.entries()) rules[i]!.statements = statements!;
    for (const change of changes) if (change.kind === 'rule' && change.action === 'delete') this.forgetBlocks(change.old);
  }

  /** What the rule brought along went with it. */
  private forgetBlocks({ family, table, expressions }: Rule): void {
    for (const expression of expressions) {
      const chain = chainBroughtBy(expression);
      if (chain !== undefined) this.blocks.delete(keyOf(family, table, chain));
    }
  }

  private elementChanges({ action, of, elements }: Run): NftChange[] {
    const family = familyName(of.family);
    const { table = '', set = '' } = of;
    const type = (this.sets.get(keyOf(family, table, set)) as SetType | undefined) ?? { type: { id: 0, length: lengthOf(elements) } };
    return elementsFromWire(elementLayout(type), elements).map((element): NftChange => {
      const found = { family, table, set, ...element };
      return action === 'new' ? { kind: 'element', action, new: found } : { kind: 'element', action, old: found };
    });
  }
}

function keyOf(family: string, table: string, name: string): string {
  return `${family}\0${table}\0${name}`;
}

function sameSet(a: ElementMessage, b: ElementMessage): boolean {
  return a.family === b.family && a.table === b.table && a.set === b.set;
}

function lengthOf(elements: readonly SetElement[]): number {
  const key = elements.find((element) => element.key instanceof Uint8Array)?.key;
  return key instanceof Uint8Array ? key.length : 4;
}
