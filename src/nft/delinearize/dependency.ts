/** Matches that nft(8) adds because others need them, and does not list. */
import { type Expr, isNode } from '../statements/expression.ts';
import type { Statement } from '../statements/statement.ts';

const properties: ReadonlySet<string> = new Set(['l4proto', 'nfproto', 'protocol', 'iiftype']);
const fields: ReadonlySet<string> = new Set(['ether type', 'vlan type', 'icmp type', 'icmpv6 type']);

/** Whether it says what kind of packet it is. */
export function isDependency(statement: Statement): boolean {
  if (!('match' in statement) || statement.match.op !== '==') return false;
  const { left, right } = statement.match;
  if (!isNode(left)) return false;
  const types = isNode(right) && 'set' in right;
  if ('meta' in left) return !types && properties.has(left.meta.key);
  if (!('payload' in left) || !('protocol' in left.payload)) return false;
  const name = `${left.payload.protocol} ${left.payload.field}`;
  return fields.has(name) && (!types || name.startsWith('icmp'));
}

/** Whether it may need such. */
export function needsDependency(statement: Statement): boolean {
  if ('reject' in statement) return true;
  const parts: Expr[] =
    'match' in statement
      ? [statement.match.left]
      : 'vmap' in statement
        ? [statement.vmap.key]
        : 'mangle' in statement
          ? [statement.mangle.key, statement.mangle.value]
          : 'set' in statement
            ? [statement.set.elem]
            : 'map' in statement
              ? [statement.map.elem, statement.map.data]
              : otherParts(statement);
  return parts.some(isOfHeader);
}

/** Addresses, ports and numbers that statements take from the packet, and keys of maps. */
function otherParts(statement: Statement): Expr[] {
  const [given] = Object.values(statement) as [unknown];
  return typeof given === 'object' && given !== null ? (Object.values(given) as Expr[]) : [];
}

function isOfHeader(of: unknown): boolean {
  if (typeof of !== 'object' || of === null) return false;
  if (Array.isArray(of)) return of.some(isOfHeader);
  return Object.entries(of).some(([name, inner]) => name === 'payload' || name === 'exthdr' || name === 'ip option' || isOfHeader(inner));
}
