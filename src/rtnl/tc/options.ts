/** Payloads whose schema is chosen by a name beside them: TCA_KIND and TCA_OPTIONS, TCA_ACT_KIND and TCA_ACT_OPTIONS. */
import { type Attribute, attr, walk } from '../../netlink/attributes.ts';
import { noneOf } from '../../netlink/choices.ts';
import type { Codec } from '../../netlink/codec.ts';
import { InputError, MalformedMessageError } from '../../netlink/errors.ts';
import { inArgument } from '../../netlink/input.ts';
import { show } from '../../netlink/scalar.ts';
import { bytes, readString } from '../../netlink/text.ts';
import { Writer } from '../../netlink/writer.ts';

/** Codecs by the name of a kind. */
// biome-ignore lint/suspicious/noExplicitAny: codecs of different kinds share one table; their types are in the interfaces beside it
export type KindTable = Readonly<Record<string, Codec<any>>>;

/** Options as bytes. Bytes stay what they are, for kinds without a schema. @throws InputError below `options` */
export function encodeOptions(table: KindTable, kind: string, options: unknown): Uint8Array | undefined {
  if (options === undefined || options instanceof Uint8Array) return options;
  const of = Object.hasOwn(table, kind) ? table[kind] : undefined;
  if (of === undefined)
    throw new InputError('options', `expected a Uint8Array, as the kind ${noneOf(kind, Object.keys(table))}`, 'ERR_INVALID_ARG_TYPE');
  return inArgument('options', () => {
    if (typeof options !== 'object' || options === null)
      throw new InputError('', `expected an object, got ${show(options)}`, 'ERR_INVALID_ARG_TYPE');
    const writer = new Writer();
    of.encode(writer, options);
    return writer.bytes.subarray(0, writer.position);
  });
}

/** Options as callers see them: bytes where there is no schema, or where they are of another shape than it says. */
export function decodeOptions(table: KindTable, kind: string, data: Uint8Array | undefined): unknown {
  const of = Object.hasOwn(table, kind) ? table[kind] : undefined;
  if (data === undefined || of === undefined) return data;
  try {
    return of.decode(data, 0, data.length) as unknown;
  } catch (error) {
    if (!(error instanceof MalformedMessageError)) throw error;
    return data;
  }
}

/** The attribute that holds them, as bytes; descriptions read them by the name in the attribute `beside`. */
export function optionsAttribute(
  constant: string,
  type: number,
  beside: number,
  schemaOf: (kind: string) => Codec<unknown> | undefined,
): Attribute<Uint8Array> {
  return {
    ...attr(constant, type, bytes),
    within(source, offset, length) {
      for (const found of walk(source, offset, length))
        if (found.type === beside) return schemaOf(readString(source, found.offset, found.length));
      return undefined;
    },
  };
}
