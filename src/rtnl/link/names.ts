/** Names for the indexes that other objects refer to links by. */
import { ask, askEach, type Program } from '../../netlink/program.ts';
import { RTEXT_FILTER_SKIP_STATS } from './message.ts';
import { readLink } from './operations.ts';
import { linkRequest } from './reference.ts';
import type { LinkRead } from './view.ts';

/** From so many links on, one dump is cheaper than asking for each. */
const dumpFrom = 64;

/**
 * Names of the links with these indexes. A link that is gone by now has none in the map: what refers to it was read a
 * moment ago, and that is no error of the caller's.
 */
export function* linkNames(indexes: Iterable<number>): Program<Map<number, string>> {
  const names = new Map<number, string>();
  const wanted = [...new Set(indexes)];
  if (wanted.length === 0) return names;
  for (const link of wanted.length < dumpFrom ? yield* linksByIndex(wanted) : yield* allLinks()) {
    if (link.name !== undefined) names.set(link.index, link.name);
  }
  return names;
}

/**
 * {@link linkNames} for a listing that is read part by part: a function that is given the indexes of each part, and asks for each link once.
 */
export function rememberedLinkNames(): (indexes: Iterable<number>) => Program<ReadonlyMap<number, string>> {
  const names = new Map<number, string>();
  const asked = new Set<number>();
  return function* (indexes) {
    const missing: number[] = [];
    for (const index of indexes) {
      if (asked.has(index)) continue;
      asked.add(index);
      missing.push(index);
    }
    if (missing.length > 0) for (const [index, name] of yield* linkNames(missing)) names.set(index, name);
    return names;
  };
}

function* linksByIndex(indexes: readonly number[]): Program<LinkRead[]> {
  const outcomes = yield* askEach(indexes.map((index) => linkRequest({ index }, `link ${index}`)));
  return outcomes.flatMap((outcome) => {
    if (outcome.ok) return [outcome.value];
    if ((outcome.error as NodeJS.ErrnoException).code === 'ENODEV') return [];
    throw outcome.error;
  });
}

function* allLinks(): Program<LinkRead[]> {
  return yield* ask({
    operation: readLink,
    flags: 0,
    value: { extMask: RTEXT_FILTER_SKIP_STATS },
    expects: 'dump' as const,
    subject: 'links',
  });
}
