/** Names for the indexes that other objects refer to links by. */
import { ask, askEach, type Program } from '../../netlink/program.ts';
import { readLink } from './operations.ts';
import { type Extent, linkRequest, scopeOf, whereOf } from './reference.ts';
import type { LinkRead } from './view.ts';

/** From so many links on, one dump is cheaper than asking for each. */
const dumpFrom = 64;

/**
 * Names of the links with these indexes. A link that is gone by now has none in the map: what refers to it was read a
 * moment ago, and that is no error of the caller's.
 */
export function* linkNames(indexes: Iterable<number>, extent: Extent = {}): Program<Map<number, string>> {
  const where = whereOf(extent);
  const names = new Map<number, string>();
  const wanted = [...new Set(indexes)];
  if (wanted.length === 0) return names;
  for (const link of wanted.length < dumpFrom ? yield* linksByIndex(wanted, where) : yield* allLinks(where)) {
    if (link.name !== undefined) names.set(link.index, link.name);
  }
  return names;
}

/**
 * {@link linkNames} for a listing that is read part by part: a function that is given the indexes of each part, and asks for each link once.
 */
export function rememberedLinkNames(extent?: Extent): (indexes: Iterable<number>) => Program<ReadonlyMap<number, string>> {
  const names = new Map<number, string>();
  const asked = new Set<number>();
  return function* (indexes) {
    const missing: number[] = [];
    for (const index of indexes) {
      if (asked.has(index)) continue;
      asked.add(index);
      missing.push(index);
    }
    if (missing.length > 0) for (const [index, name] of yield* linkNames(missing, extent)) names.set(index, name);
    return names;
  };
}

function* linksByIndex(indexes: readonly number[], where: Extent | undefined): Program<LinkRead[]> {
  const outcomes = yield* askEach(indexes.map((index) => linkRequest({ index }, `link ${index}`, where)));
  return outcomes.flatMap((outcome) => {
    if (outcome.ok) return [outcome.value];
    if ((outcome.error as NodeJS.ErrnoException).code === 'ENODEV') return [];
    throw outcome.error;
  });
}

function* allLinks(where: Extent | undefined): Program<LinkRead[]> {
  return yield* ask({
    operation: readLink,
    flags: 0,
    value: scopeOf(where ?? {}),
    expects: 'dump' as const,
    subject: 'links',
  });
}
