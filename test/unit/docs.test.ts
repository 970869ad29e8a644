/** Links in the documentation lead somewhere: to a file that is there, and to a heading of it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const tree = fileURLToPath(new URL('../..', import.meta.url));
const pages = [
  ...readdirSync(tree).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(tree, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

/** The text without code, in which brackets mean something else. */
function prose(page: string): string {
  return readFileSync(join(tree, page), 'utf8')
    .replace(/^```[\s\S]*?^```/gm, '')
    .replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ''));
}

/** What headings are called in links: GitHub's way. */
function anchors(page: string): Set<string> {
  const headings = readFileSync(join(tree, page), 'utf8')
    .replace(/^```[\s\S]*?^```/gm, '')
    .matchAll(/^#+ +(.+)$/gm);
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replace(/ /g, '-'),
    ),
  );
}

test('every link leads somewhere', () => {
  let followed = 0;
  const dead = pages.flatMap((page) =>
    [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
      if (/^[a-z]+:/.test(target)) return [];
      followed += 1;
      const [path = '', anchor] = target.split('#');
      const to = path === '' ? page : relative(tree, join(tree, dirname(page), path));
      if (!existsSync(join(tree, to))) return [`${page}: ${target}`];
      return anchor === undefined || !to.endsWith('.md') || anchors(to).has(anchor) ? [] : [`${page}: ${target}`];
    }),
  );
  expect(dead).toEqual([]);
  expect(followed).toBeGreaterThan(50);
});

test('every page is linked from the README or from a page that is', () => {
  const reached = new Set<string>(['README.md']);
  for (const page of reached)
    for (const [, target = ''] of prose(page).matchAll(/\]\(([^)\s#]+)(?:#[^)\s]*)?\)/g)) {
      const to = relative(tree, join(tree, dirname(page), target));
      if (to.endsWith('.md') && existsSync(join(tree, to))) reached.add(to);
    }
  expect(pages.filter((page) => page.startsWith('docs/') && !reached.has(page))).toEqual([]);
});
