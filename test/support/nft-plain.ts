/**
 * What reading a rule back cannot tell from what was written, by kind: statements that are the same after these steps make the same rule. nft(8)
 * lists its own rules no other way.
 */
import { formatAddress, parseAddress } from '../../src/netlink/address.ts';
import { type DataTypeName, dataType } from '../../src/nft/datatype/data-type.ts';
import type { Expr, Family, Statement } from '../../src/nft/index.ts';
import { extensionHeaders, ipOptions, sctpChunks, tcpOptions } from '../../src/nft/protocol/extensions.ts';
import { type HeaderField, headerOf } from '../../src/nft/protocol/headers.ts';
import { ctProperties, metaProperties } from '../../src/nft/protocol/keys.ts';

type Tree = unknown;
type Branch = Readonly<Record<string, Tree>>;

const isBranch = (of: Tree): of is Branch => typeof of === 'object' && of !== null && !Array.isArray(of) && !(of instanceof Uint8Array);

function deep(of: Tree, change: (branch: Branch) => Branch): Tree {
  if (Array.isArray(of)) return of.map((each) => deep(each, change));
  if (!isBranch(of)) return of;
  return change(Object.fromEntries(Object.entries(of).map(([name, inner]) => [name, deep(inner, change)])));
}

/** Keys in order, for comparing as text. */
export const text = (of: Tree): string => JSON.stringify(deep(of, (branch) => Object.fromEntries(Object.entries(branch).sort())));

type Fields = Readonly<Record<string, { readonly fields: Readonly<Record<string, HeaderField>> }>>;

function typeOf(of: Tree): DataTypeName {
  if (!isBranch(of)) return 'integer';
  const [[kind, inner]] = Object.entries(of) as [[string, Tree]];
  if (Array.isArray(inner)) return typeOf(inner[0]);
  const { protocol, field = '', key, name, result } = inner as Readonly<Record<string, string | undefined>>;
  const option = (table: Fields): DataTypeName => (name === undefined ? 'boolean' : (table[name]?.fields[field]?.[2] ?? 'integer'));
  switch (kind) {
    case 'payload':
      return (protocol === undefined ? undefined : headerOf(protocol)?.fields[field]?.[2]) ?? 'integer';
    case 'meta':
      return metaProperties[key as 'mark'].type;
    case 'ct':
      return ctProperties[key as 'mark'].type;
    case 'exthdr':
      return option(extensionHeaders);
    case 'tcp option':
      return option(tcpOptions);
    case 'ip option':
      return option(ipOptions);
    case 'sctp chunk':
      return option(sctpChunks);
    case 'fib':
      return result === 'type' ? 'fib_addrtype' : 'integer';
    default:
      return 'integer';
  }
}

const typesOf = (key: Tree): DataTypeName[] => (isBranch(key) && 'concat' in key ? (key['concat'] as Tree[]).map(typeOf) : [typeOf(key)]);

function number(type: DataTypeName, value: Tree): Tree {
  if (typeof value === 'number' && type === 'ipv4_addr')
    return formatAddress(Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value), 0, 4);
  if (typeof value !== 'string') return value;
  if (type === 'classid') return value.split(':').reduce((sum, part) => sum * 0x10000 + Number.parseInt(part, 16), 0);
  if (type === 'devgroup' && value === 'default') return 0;
  if (/:.*:/.test(value) && /^[0-9a-f:.]+$/i.test(value) && type !== 'ether_addr') return formatAddress(parseAddress(value), 0, 16);
  return dataType(type).values?.[value] ?? value;
}

function numbers(types: readonly DataTypeName[], of: Tree): Tree {
  const [type = 'integer'] = types;
  if (Array.isArray(of)) return of.map((each) => numbers(types, each));
  if (!isBranch(of)) return number(type, of);
  const [[kind, inner]] = Object.entries(of) as [[string, Tree]];
  if (kind === 'concat') return { concat: (inner as Tree[]).map((each, i) => numbers([types[i] ?? 'integer'], each)) };
  if (kind === 'prefix') return { prefix: { ...(inner as Branch), addr: number(type, (inner as Branch)['addr']) } };
  return kind === 'set' || kind === 'range' ? { [kind]: numbers(types, inner) } : of;
}

/** `'tcp'`, `6`; `'1:10'`; `'::0:1'`, `'::1'`: a value has several names, and numbers that have one. */
function namesAsNumbers(statements: Tree): Tree {
  return deep(statements, (branch) => {
    if (isBranch(branch['match'])) {
      const { left, op, right } = branch['match'];
      return { match: { left, op, right: numbers(typesOf(left), right) } };
    }
    if ('key' in branch && 'data' in branch) return { ...branch, data: numbers(typesOf(branch['key']), branch['data']) };
    if ('key' in branch && 'value' in branch) return { ...branch, value: numbers(typesOf(branch['key']), branch['value']) };
    const [[op, operands] = []] = Object.entries(branch);
    if (op !== undefined && '&|^'.includes(op) && Array.isArray(operands))
      return { [op]: [operands[0], ...numbersOf(operands[0], operands.slice(1))] };
    return branch;
  });
}
const numbersOf = (field: Tree, values: readonly Tree[]): Tree[] => values.map((value) => numbers(typesOf(field), value));

/** Elements of a set, bits of a value and flags have no order. */
function inOrder(statements: Tree): Tree {
  const sorted = (of: Tree): Tree => (Array.isArray(of) ? [...of].sort((a, b) => (text(a) < text(b) ? -1 : 1)) : of);
  return deep(statements, (branch) =>
    Object.fromEntries(Object.entries(branch).map(([name, of]) => [name, ['set', 'flags'].includes(name) ? sorted(of) : of])),
  );
}

/** `burst` of 5 packets or no bytes, `val_unit: 'bytes'`, `family` of the table: what goes without saying is left out, and all flags of a log are `'all'`. */
function withoutDefaults(statements: Tree, family: Family): Tree {
  const idle: Readonly<Record<string, Tree>> = { val_unit: 'bytes', offset: 0, family };
  return deep(statements, (branch) => {
    if (isBranch(branch['log']) && Array.isArray(branch['log']['flags']) && branch['log']['flags'].length === 5)
      return { log: { ...branch['log'], flags: 'all' } };
    const { burst, rate_unit: unit } = branch;
    const idleBurst = 'per' in branch && burst === (unit === undefined ? 5 : 0);
    return Object.fromEntries(
      Object.entries(branch).filter(([name, of]) => (name.startsWith('burst') ? !idleBurst : !(name in idle) || idle[name] !== of)),
    );
  });
}

export const kinds = { namesAsNumbers, inOrder, withoutDefaults } as const;
export type Kind = keyof typeof kinds;

/** Statements after all of the steps but one. */
export function plain(family: Family, statements: readonly (Statement | Expr)[], but?: Kind): string {
  let of: Tree = statements;
  for (const [kind, step] of Object.entries(kinds)) if (kind !== but) of = step(of, family);
  return text(of);
}
