/** Expressions of ematches, as they travel: TCA_*_EMATCHES. Sources: include/uapi/linux/pkt_cls.h (TCA_EMATCH_TREE_*, struct tcf_ematch_hdr), net/sched/ematch.c. */
import { attr, attributes, walk } from '../../../netlink/attributes.ts';
import { type Codec, codec, copyBytes, type Infer, NLA_F_NESTED, tooShort } from '../../../netlink/codec.ts';
import { InputError, MalformedMessageError } from '../../../netlink/errors.ts';
import { checkBoolean, checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger, show } from '../../../netlink/scalar.ts';
import { fields, struct, structCodec } from '../../../netlink/struct.ts';
import { bytes } from '../../../netlink/text.ts';
import { Writer } from '../../../netlink/writer.ts';
import type { Ematch, EmatchContainer, EmatchOther } from './ematch.ts';
import { ematchKinds } from './match.ts';

const treeHeader = struct('tcf_ematch_tree_hdr', () => ({ count: fields.u16, program: fields.u16 }));
const ematchHeader = struct('tcf_ematch_hdr', () => ({ matchId: fields.u16, kind: fields.u16, flags: fields.u16, pad: fields.u16 }));

const tree_ = attributes('TCA_EMATCH_TREE', () => ({
  header: attr('TCA_EMATCH_TREE_HDR', 1, structCodec(treeHeader)),
  /** Children numbered from 1. */
  list: attr('TCA_EMATCH_TREE_LIST', 2, { ...bytes, typeFlags: NLA_F_NESTED }),
}));
export interface EmatchTreeAttributes extends Infer<typeof tree_> {}
export const ematchTreeAttributes: Codec<EmatchTreeAttributes> = tree_;

/** TCF_EM_CONTAINER. */
const container = 0;
const relations = { and: 1, or: 2 } as const;
const invert = 4;
const mostMatches = 255;

const containerMembers = memberNames<EmatchContainer>({ kind: true, not: true, relation: true, matches: true });
const otherMembers = memberNames<EmatchOther>({ kind: true, not: true, relation: true, data: true });

interface Wire {
  kind: number;
  flags: number;
  data: Uint8Array;
}

type Kind = keyof typeof ematchKinds;
const names = new Map<number, Kind>((Object.keys(ematchKinds) as Kind[]).map((name) => [ematchKinds[name][0], name]));

function wireOf(match: Ematch, last: boolean): Wire {
  const { kind, not, relation = 'and' } = match;
  checkBoolean(not, 'not');
  if (relation !== 'and' && relation !== 'or') throw new InputError('relation', `expected and or or, got ${show(relation)}`);
  const flags = (last ? 0 : relations[relation]) | (not === true ? invert : 0);
  if (kind === 'container') {
    checkMembers(match, '', containerMembers);
    // where its own are is known later
    return { kind: container, flags, data: Buffer.alloc(4) };
  }
  if (typeof kind === 'number') {
    checkMembers(match, '', otherMembers);
    inArgument('kind', () => checkInteger(kind, 1, 0xffff));
    if (!(match.data instanceof Uint8Array))
      throw new InputError('data', `expected bytes, got ${show(match.data)}`, 'ERR_INVALID_ARG_TYPE');
    return { kind, flags, data: match.data };
  }
  const of = Object.hasOwn(ematchKinds, kind) ? ematchKinds[kind] : undefined;
  if (of === undefined)
    throw new InputError('kind', `expected container, ${Object.keys(ematchKinds).join(', ')} or a number, got ${show(kind)}`);
  const { not: _, relation: __, kind: ___, ...own } = match;
  const writer = new Writer();
  (of[1] as Codec<unknown>).encode(writer, own);
  return { kind: of[0], flags, data: writer.bytes.slice(0, writer.position) };
}

/** A list, and behind it what its containers hold, one after the other. @returns where the list begins */
function place(wires: Wire[], matches: unknown): number {
  if (!Array.isArray(matches) || matches.length === 0)
    throw new InputError('', `expected ematches, got ${show(matches)}`, 'ERR_INVALID_ARG_TYPE');
  const begin = wires.length;
  matches.forEach((match: Ematch, i) => {
    wires.push(
      inArgument(`[${i}]`, () => {
        if (typeof match !== 'object' || match === null)
          throw new InputError('', `expected an ematch, got ${show(match)}`, 'ERR_INVALID_ARG_TYPE');
        return wireOf(match, i === matches.length - 1);
      }),
    );
  });
  if (wires.length > mostMatches) throw new InputError('', `more than ${mostMatches} ematches`, 'ERR_OUT_OF_RANGE');
  matches.forEach((match: Ematch, i) => {
    if (match.kind !== 'container') return;
    const at = inArgument(`[${i}].matches`, () => place(wires, match.matches));
    Buffer.from(wires[begin + i]!.data.buffer, wires[begin + i]!.data.byteOffset, 4).writeUInt32LE(at);
  });
  return begin;
}

function bytesOf(matches: Ematch[]): { count: number; list: Uint8Array } {
  const wires: Wire[] = [];
  place(wires, matches);
  const writer = new Writer();
  wires.forEach(({ kind, flags, data }, i) => {
    const at = writer.beginAttribute(i + 1);
    ematchHeader.write(writer.bytes, writer.reserve(ematchHeader.size), { kind, flags });
    writer.append(data);
    writer.endAttribute(at);
  });
  return { count: wires.length, list: writer.bytes.slice(0, writer.position) };
}

/** The matches from `begin` to the last of their list. `seen`: each is in one list, or there would be no end of them. */
function listFrom(wires: readonly Wire[], begin: number, seen: Set<Wire>): Ematch[] {
  const matches: Ematch[] = [];
  for (let i = begin; ; i++) {
    const wire = wires[i];
    if (wire === undefined || seen.has(wire)) throw new MalformedMessageError('ematches', 0, 'the end of a list');
    seen.add(wire);
    const relation = wire.flags & 3;
    const base = {
      ...((wire.flags & invert) === 0 ? {} : { not: true }),
      ...(relation === relations.or ? { relation: 'or' as const } : {}),
    };
    matches.push({ ...matchOf(wires, wire, seen), ...base } as Ematch);
    if (relation === 0) return matches;
  }
}

function matchOf(wires: readonly Wire[], { kind, data }: Wire, seen: Set<Wire>): Ematch {
  if (kind === container) {
    const at = data.length < 4 ? 0 : new DataView(data.buffer, data.byteOffset).getUint32(0, true);
    return { kind: 'container', matches: listFrom(wires, at, seen) };
  }
  const name = names.get(kind);
  if (name === undefined) return { kind, data };
  try {
    return { kind: name, ...ematchKinds[name][1].decode(data, 0, data.length) } as Ematch;
  } catch (error) {
    if (!(error instanceof MalformedMessageError)) throw error;
    return { kind, data };
  }
}

/** An expression: where it is said in another way than netloom says it, it stays bytes, in the `unknown` of the options. */
export const ematches: Codec<Ematch[]> = codec<Ematch[]>('ematches', {
  typeFlags: NLA_F_NESTED,
  decode(source, offset, length) {
    const { header, list } = tree_.decode(source, offset, length);
    if (header === undefined || list === undefined) throw new MalformedMessageError('ematches', offset, 'a header and a list');
    const wires = [...walk(list, 0, list.length)].map((found): Wire => {
      if (found.length < ematchHeader.size) throw tooShort('struct tcf_ematch_hdr', found.offset, ematchHeader.size, found.length);
      const { kind, flags } = ematchHeader.read(list, found.offset);
      return { kind, flags, data: copyBytes(list, found.offset + ematchHeader.size, found.length - ematchHeader.size) };
    });
    if (wires.length > mostMatches) throw new MalformedMessageError('ematches', offset, `up to ${mostMatches}`);
    const matches = listFrom(wires, 0, new Set());
    const again = bytesOf(matches);
    if (header.program !== 0 || header.count !== again.count || Buffer.compare(again.list, list) !== 0)
      throw new MalformedMessageError('ematches', offset, 'an expression as netloom says it');
    return matches;
  },
  encode(writer, matches) {
    const { count, list } = bytesOf(matches);
    tree_.encode(writer, { header: { count, program: 0 }, list });
  },
});
