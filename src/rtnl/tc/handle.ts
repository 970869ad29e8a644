/** Handles of qdiscs and classes, as tc(8) writes them. Source: include/uapi/linux/pkt_sched.h (TC_H_*). */
import { InputError } from '../../netlink/errors.ts';
import { show } from '../../netlink/scalar.ts';

/**
 * A handle: `major:minor`, both hexadecimal and up to `ffff`. A qdisc's has no minor part, `1:`, and a class has the major part of its qdisc's,
 * `1:10`.
 */
export type TcHandle = `${string}:${string}`;

/**
 * What a qdisc, class or filter belongs to: `root` (what leaves the link), `ingress` and `egress` (what enters and leaves it, where there is a qdisc clsact, or
 * for `ingress` one of that kind), or the handle of a qdisc or class.
 */
export type TcParent = 'root' | 'ingress' | 'egress' | TcHandle;

const TC_H_ROOT = 0xffffffff;
const TC_H_INGRESS = 0xfffffff1;
const TC_H_MIN_INGRESS = 0xfff2;
const TC_H_MIN_EGRESS = 0xfff3;
const block = 0xffff0000;

/** The handle that qdiscs of the kinds ingress and clsact have. */
export const ingressHandle = 'ffff:' as const;

/** @param or words that are taken as well, for the error @throws InputError */
export function parseHandle(value: unknown, or = ''): number {
  const parts = typeof value === 'string' ? /^([0-9a-f]{1,4}):([0-9a-f]{0,4})$/i.exec(value) : null;
  if (parts === null) throw new InputError('', `expected ${or}a handle such as "1:" or "1:10", in hexadecimal, got ${show(value)}`);
  return Number.parseInt(parts[1]!, 16) * 0x10000 + (parts[2] === '' ? 0 : Number.parseInt(parts[2]!, 16));
}

export function formatHandle(value: number): TcHandle {
  const minor = value & 0xffff;
  return `${(value >>> 16).toString(16)}:${minor === 0 ? '' : minor.toString(16)}`;
}

/** The parent of a qdisc or class. @throws InputError */
export function parseParent(value: unknown): number {
  if (value === 'root') return TC_H_ROOT;
  if (value === 'ingress' || value === 'clsact') return TC_H_INGRESS;
  return parseHandle(value, 'root, ingress, clsact or ');
}

export function formatParent(value: number): TcParent {
  if (value === TC_H_ROOT) return 'root';
  return value === TC_H_INGRESS ? 'ingress' : formatHandle(value);
}

/** The parent of a filter. @throws InputError */
export function parseFilterParent(value: unknown): number {
  if (value === 'ingress') return block + TC_H_MIN_INGRESS;
  if (value === 'egress') return block + TC_H_MIN_EGRESS;
  return value === 'root' ? 0 : parseHandle(value, 'ingress, egress, root or ');
}

export function formatFilterParent(value: number): TcParent {
  if (value === block + TC_H_MIN_INGRESS) return 'ingress';
  return value === block + TC_H_MIN_EGRESS ? 'egress' : formatHandle(value);
}
