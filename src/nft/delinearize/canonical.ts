/** Whether two expressions are the same: the kernel lists more than it was told, and leaves out what goes without saying. */
import { sameBytes } from '../datatype/key.ts';
import type { Expression } from '../expressions/expression.ts';
import { defaultLevel } from './action.ts';

type Data = Record<string, unknown>;
type Rule = (data: Data) => void;

/** Drops a member that says what its absence says. */
function without(data: Data, member: string, idle: unknown): void {
  if (data[member] === idle) delete data[member];
}

/** One register twice: the first value is the last one too. */
function oneRegister(data: Data, first: string, last: string): void {
  if (data[first] === data[last]) delete data[last];
}

function withoutFlags(data: Data, ...implied: readonly unknown[]): void {
  data['flags'] = ((data['flags'] as unknown[] | undefined) ?? []).filter((flag) => !implied.includes(flag)).sort();
}

const translation: Rule = (data) => {
  oneRegister(data, 'regAddrMin', 'regAddrMax');
  oneRegister(data, 'regProtoMin', 'regProtoMax');
  const implied = [
    ...(data['regAddrMin'] === undefined ? [] : ['map-ips']),
    ...(data['regProtoMin'] === undefined ? [] : ['proto-specified']),
  ];
  withoutFlags(data, ...implied);
};

/** By kind: what the kernel adds, or stands for nothing. */
const rules: { readonly [K in Expression['kind']]?: Rule } = {
  bitwise: (data) => without(data, 'op', 'bool'),
  exthdr: (data) => {
    without(data, 'op', 'ipv6');
    without(data, 'offset', 0);
  },
  dynset: (data) => {
    withoutFlags(data, 'expr');
    without(data, 'op', 'add');
    without(data, 'timeout', 0);
    const several = data['expressions'] as readonly Expression[] | undefined;
    if (several?.length === 1) data['expression'] = several[0];
    if (several?.length === 1) delete data['expressions'];
  },
  hash: (data) => {
    without(data, 'offset', 0);
    without(data, 'type', 'jhash');
  },
  last: (data) => {
    without(data, 'set', 0);
    without(data, 'msecs', 0);
  },
  limit: (data) => without(data, 'burst', 0),
  log: (data) => {
    without(data, 'level', defaultLevel);
    without(data, 'snaplen', 0);
    without(data, 'qthreshold', 0);
  },
  masq: translation,
  nat: translation,
  numgen: (data) => {
    without(data, 'offset', 0);
    without(data, 'type', 'inc');
  },
  osf: (data) => without(data, 'ttl', 0),
  payload: (data) => {
    for (const member of ['csumType', 'csumOffset', 'csumFlags']) without(data, member, 0);
  },
  queue: (data) => {
    without(data, 'total', data['sregQnum'] === undefined ? 1 : 0);
    if (data['sregQnum'] !== undefined) without(data, 'num', 0);
  },
  quota: (data) => {
    withoutFlags(data, 'depleted');
    without(data, 'consumed', 0);
  },
  redir: translation,
  reject: (data) => without(data, 'icmpCode', 0),
  socket: (data) => without(data, 'level', 0),
  synproxy: (data) => {
    without(data, 'mss', 0);
    without(data, 'wscale', 0);
  },
  target: (data) => without(data, 'revision', 0),
  match: (data) => without(data, 'revision', 0),
  tproxy: (data) => without(data, 'family', 'unspec'),
  xfrm: (data) => without(data, 'spnum', 0),
};

/** An expression without what says nothing. */
function canonical(expression: Expression): { readonly kind: string; readonly data: Data } {
  const data: Data = { ...(expression.data as Data | undefined) };
  rules[expression.kind]?.(data);
  const { flags } = data;
  if (Array.isArray(flags)) {
    if (flags.length === 0) delete data['flags'];
    else data['flags'] = [...(flags as unknown[])].sort();
  }
  return { kind: expression.kind === 'other' ? `other ${expression.name}` : expression.kind, data };
}

function isExpression(of: object): of is Expression {
  return 'kind' in of && typeof of.kind === 'string';
}

/** Most expressions are listed as they were sent: seen without making them anew. */
function identical(a: Expression, b: Expression): boolean {
  if (a.kind !== b.kind) return false;
  const [x, y] = [a.data as Data | undefined, b.data as Data | undefined];
  if (x === undefined || y === undefined) return x === y;
  let members = 0;
  for (const name in x) {
    const [of, other] = [x[name], y[name]];
    if (of !== other && !(of instanceof Uint8Array && other instanceof Uint8Array && sameBytes(of, other))) return false;
    members++;
  }
  for (const _ in y) members--;
  return members === 0;
}

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Uint8Array || b instanceof Uint8Array) return a instanceof Uint8Array && b instanceof Uint8Array && sameBytes(a, b);
  const [x, y] = (isExpression(a) && isExpression(b) ? [canonical(a), canonical(b)] : [a, b]) as [Data, Data];
  const names = Object.keys(x).filter((name) => x[name] !== undefined);
  return names.length === Object.keys(y).filter((name) => y[name] !== undefined).length && names.every((name) => same(x[name], y[name]));
}

export function sameExpression(a: Expression, b: Expression): boolean {
  return identical(a, b) || same(a, b);
}
