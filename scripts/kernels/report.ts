/** Which features of a kernel the skipped tests lacked. */
import type { Report } from '../report.ts';

/** What the kernel lacked, as test/support/kernel.ts names it, and how many tests were skipped for it. */
export function lackingIn({ skipped }: Report): Map<string, number> {
  const lacking = new Map<string, number>();
  for (const title of skipped)
    for (const [, list] of title.matchAll(/\[lacking: ([^\]]*)\]/g))
      for (const feature of list!.split(', ')) lacking.set(feature, (lacking.get(feature) ?? 0) + 1);
  return lacking;
}

/** One line a feature, most tests first. */
export function describeLacking(lacking: ReadonlyMap<string, number>): string[] {
  return [...lacking].sort((a, b) => b[1] - a[1]).map(([feature, count]) => `${feature} (${count} ${count === 1 ? 'test' : 'tests'})`);
}
