/** Every attribute that the schemas of netloom declare: found in the modules as they run, and in their sources. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Attribute, Declarations } from '../../src/netlink/attributes.ts';
import type { Codec } from '../../src/netlink/codec.ts';
import { evaluate } from './uapi.ts';

const source = fileURLToPath(new URL('../../src', import.meta.url));

/** An attribute of a set that some module exports, or that such a set holds. */
export interface DeclaredAttribute {
  readonly constant: string;
  readonly type: number;
  readonly codec: Codec<unknown>;
  /** Tells one set from another. */
  readonly set: number;
  readonly module: string;
}

/** The attributes of all sets that can be reached from what the modules below `folders` of src export. */
export async function declaredAttributes(folders: readonly string[]): Promise<DeclaredAttribute[]> {
  const found: DeclaredAttribute[] = [];
  const seen = new Set<unknown>();
  let sets = 0;
  for (const module of modulesOf(folders)) {
    const visit = (value: unknown, depth: number): void => {
      if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value) || depth > 6) return;
      seen.add(value);
      // tables that are made as they are used refuse what they do not know: look before asking
      const { declarations } = ('decodeInto' in value ? value : {}) as { declarations?: Declarations };
      if (declarations !== undefined) {
        // a set within this one is visited before the rest of it
        const set = ++sets;
        for (const { constant, type, codec } of Object.values<Attribute<unknown>>(declarations)) {
          found.push({ constant, type, codec, set, module });
          visit(codec, depth + 1);
        }
      } else if (value instanceof Map) for (const member of value.values()) visit(member, depth + 1);
      // tables of kinds and the like; a byte array has nothing to see
      else if (!ArrayBuffer.isView(value)) for (const member of Object.values(value)) visit(member, depth + 1);
    };
    const exported: object = await import(/* @vite-ignore */ pathToFileURL(`${source}/${module}`).href);
    for (const value of Object.values(exported)) visit(value, 0);
  }
  return found;
}

/** A constant beside its number. */
export interface NamedNumber {
  readonly constant: string;
  readonly value: number;
  readonly module: string;
}

/**
 * The constants that the sources write beside a number: `attr('IFLA_MTU', 4, …)`, `['IFLA_INFO_KIND', 1]`, `const IFF_UP = 1`. It finds what
 * no exported set leads to: the elements of lists, pairs of name and data, what a codec of its own reads.
 */
export function namedNumbers(folders: readonly string[]): NamedNumber[] {
  const found: NamedNumber[] = [];
  for (const module of modulesOf(folders)) {
    const text = readFileSync(`${source}/${module}`, 'utf8');
    const known = new Map<string, number>();
    for (const [, constant, expression] of text.matchAll(/\bconst ([A-Z][A-Z0-9_]+) = ([^;\n]+);/g)) {
      const value = evaluate(expression!, known);
      if (value === undefined) continue;
      known.set(constant!, value);
      found.push({ constant: constant!, value, module });
    }
    for (const [, constant, number] of text.matchAll(/'([A-Z][A-Z0-9]*_[A-Z0-9_]+)',\s*(0x[0-9a-f]+|\d+|[A-Z][A-Z0-9_]+)\b/g)) {
      const value = evaluate(number!, known);
      // beside a message of nf_tables may stand the flags of a request; test/conformance/nft-constants.test.ts sees to those
      if (value !== undefined && !constant!.startsWith('NFT_MSG_')) found.push({ constant: constant!, value, module });
    }
  }
  return found;
}

function modulesOf(folders: readonly string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(`${source}/${folder}`, { recursive: true, encoding: 'utf8' })
      // what talks to the system has no schemas, and loads its libraries when imported
      .filter((name) => /\.ts$/.test(name) && !/\.d\.ts$/.test(name) && !/^(sys|transport)\//.test(name))
      .map((name) => `${folder}/${name}`),
  );
}
