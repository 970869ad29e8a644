/** `meta mark set 1`, `ip dscp set cs1`, `tcp option maxseg size set rt mtu`. Source: nft(8), PAYLOAD STATEMENT, META STATEMENT, CONNTRACK STATEMENT. */
import { InputError } from '../../netlink/errors.ts';
import { show } from '../../netlink/scalar.ts';
import type { Expression, ExpressionData } from '../expressions/expression.ts';
import { type HeaderName, headerOf } from '../protocol/headers.ts';
import { ctProperties, metaProperties } from '../protocol/keys.ts';
import { type Expr, isNode, type Node } from '../statements/expression.ts';
import { inField } from '../statements/name.ts';
import type { MangleStatement } from '../statements/statement.ts';
import { constant, isConstant } from './constant.ts';
import { operand } from './operand.ts';
import type { Scope } from './scope.ts';
import { type Source, sourceOf } from './source.ts';

/** @throws InputError */
export function assign(scope: Scope, { key, value }: MangleStatement['mangle']): void {
  if (!isNode(key)) throw new InputError('key', `${show(key)} cannot be set`);
  inField(key, () => assignTo(scope, key, value));
}

function assignTo(scope: Scope, key: Node, value: Expr): void {
  if ('meta' in key) {
    const target = sourceOf(scope, key);
    scope.act(...operand(scope, target, value, 0), { kind: 'meta', data: { key: metaProperties[key.meta.key as 'mark'].key, sreg: 1 } });
  } else if ('ct' in key) {
    const target = sourceOf(scope, key);
    const data: ExpressionData<'ct'> = { key: ctProperties[key.ct.key as 'mark'].key, sreg: 1 };
    if (key.ct.dir !== undefined) data.direction = key.ct.dir;
    scope.act(...operand(scope, target, value, 0), { kind: 'ct', data });
  } else if ('payload' in key) assignPayload(scope, key.payload, sourceOf(scope, key), value);
  else if ('tcp option' in key || 'exthdr' in key || 'ip option' in key) {
    const target = sourceOf(scope, key);
    const [load] = target.load(0);
    if (load?.kind !== 'exthdr' || target.bits !== 8 * target.loaded || load.data?.flags !== undefined)
      throw new InputError('key', 'only a field of whole bytes can be set');
    const { dreg: _dreg, ...where } = load.data!;
    scope.act(...operand(scope, target, value, 0), { kind: 'exthdr', data: { ...where, sreg: 1 } });
  } else throw new InputError('key', `${Object.keys(key)[0]} cannot be set`);
}

interface Checksum {
  readonly csumType: number;
  readonly csumOffset: number;
}
/** Where headers have their checksums. NFT_PAYLOAD_CSUM_*: 1 that of IP, 2 that of SCTP. */
const checksums: Partial<Record<HeaderName, Checksum>> = {
  ip: { csumType: 1, csumOffset: 10 },
  icmp: { csumType: 1, csumOffset: 2 },
  icmpv6: { csumType: 1, csumOffset: 2 },
  igmp: { csumType: 1, csumOffset: 2 },
  tcp: { csumType: 1, csumOffset: 16 },
  udp: { csumType: 1, csumOffset: 6 },
  udplite: { csumType: 1, csumOffset: 6 },
  sctp: { csumType: 2, csumOffset: 8 },
};

function assignPayload(scope: Scope, of: { protocol: string; field: string } | object, target: Source, value: Expr): void {
  const header = 'protocol' in of ? headerOf(of.protocol) : undefined;
  const checksum = header === undefined ? undefined : checksums[header.name];
  // checksums of the transport cover the addresses
  const address = header?.base === 'network' && 'field' in of && (of.field === 'saddr' || of.field === 'daddr');
  const { base, offset } = whereOf(target);
  const write = (from: number, len: number): Expression => ({
    kind: 'payload',
    data: {
      sreg: 1,
      base,
      offset: from,
      len,
      csumType: checksum?.csumType ?? 0,
      csumOffset: checksum?.csumOffset ?? 0,
      csumFlags: address && header?.name !== 'arp' ? 1 : 0,
    },
  });
  const length = target.loaded;
  const odd = checksum !== undefined && length % 2 === 1;
  if (target.bits === 8 * length && !odd) {
    scope.act(...operand(scope, target, value, 0), write(offset, length));
    return;
  }
  // fewer bits than are written: the others are written back. A checksum is that of words of two bytes.
  if (!isConstant(value)) throw new InputError('value', 'bits of a byte can be set to a constant only');
  const before = odd && offset % 2 === 1 ? 1 : 0;
  const len = odd ? length + 1 : length;
  const bits = new Uint8Array(len);
  bits.set(constant(target, value), before);
  const mask = new Uint8Array(len).fill(0xff);
  const field = ((1n << BigInt(target.bits)) - 1n) << BigInt(target.shift);
  for (let i = 0; i < length; i++) mask[before + i] = 0xff & ~Number((field >> BigInt(8 * (length - 1 - i))) & 0xffn);
  const from = offset - before;
  scope.act(
    { kind: 'payload', data: { dreg: 1, base, offset: from, len } },
    { kind: 'bitwise', data: { sreg: 1, dreg: 1, len, mask, xor: bits } },
    write(from, len),
  );
}

function whereOf(target: Source): { base: NonNullable<ExpressionData<'payload'>['base']>; offset: number } {
  const [load] = target.load(0);
  if (load?.kind !== 'payload' || load.data?.base === undefined) throw new InputError('key', 'is no field of a header');
  return { base: load.data.base, offset: load.data.offset ?? 0 };
}
