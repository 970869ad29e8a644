/**
 * The snippets of the documentation that are compiled and run. One is a fence marked `ts run`; comments of the page, which readers do not see, say the rest:
 *
 *     <!-- needs: kind vlan -->                          what the kernel must have: `kind NAME`
 *     <!-- before: pair eth0 far -->  a shell script that sets the stage
 *     ```ts run
 *     …
 *     ```
 *     <!-- shows: ip -d link show eth0.7 => vlan protocol 802.1Q id 7 -->     a command that is run afterwards, and a pattern that its output has
 *     <!-- prints: eth0 -->                              a pattern that what the snippet prints has
 *
 * A fence `sh run` behind the snippet is what it replaces. It is run on the same stage, and must show the same.
 *
 * `npx tsx scripts/snippets.ts` writes them to test/snippets, as functions that the type checker sees.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const tree = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** A command, and what its output has. */
export interface Witness {
  readonly command: string;
  readonly pattern: string;
}

export interface Snippet {
  /** `docs/cookbook.md: A VLAN`. */
  readonly title: string;
  /** The name of its function in test/snippets. */
  readonly name: string;
  readonly line: number;
  readonly code: string;
  /** The shell commands that it replaces; absent where none are run. */
  readonly replaces?: string;
  readonly kinds: readonly string[];
  readonly before: string;
  readonly shows: readonly Witness[];
  readonly prints: readonly string[];
}

export interface Page {
  /** `docs/cookbook.md`. */
  readonly path: string;
  /** The file in test/snippets, without its ending. */
  readonly name: string;
  readonly snippets: readonly Snippet[];
}

/** The pages that have snippets. @throws Error when what is said beside one cannot be understood, or one has nothing that proves it */
export function pages(): Page[] {
  const docs = readdirSync(`${tree}/docs`).filter((file) => file.endsWith('.md'));
  return ['README.md', ...docs.sort().map((file) => `docs/${file}`)].flatMap((path) => {
    const snippets = snippetsOf(path, readFileSync(`${tree}/${path}`, 'utf8'));
    const name = path
      .replace(/^docs\//, '')
      .replace(/\.md$/, '')
      .toLowerCase();
    return snippets.length === 0 ? [] : [{ path, name, snippets }];
  });
}

type Draft = { -readonly [K in keyof Snippet]: Snippet[K] extends readonly (infer T)[] ? T[] : Snippet[K] };

/** Headings, comments and fences, in order; the rest of a page is text. */
const parts =
  /^(?:#+ (?<heading>.+)|<!-- (?<word>needs|before|shows|prints): (?<said>[\s\S]*?) ?-->|```(?<marks>.*)\n(?<body>[\s\S]*?)^```)$/gm;

function snippetsOf(path: string, text: string): Snippet[] {
  const found: Draft[] = [];
  let heading = path;
  let stage: { kinds: string[]; before: string } = { kinds: [], before: '' };
  for (const { index, groups } of text.matchAll(parts)) {
    const line = text.slice(0, index).split('\n').length;
    const wrong = (what: string): Error => new Error(`${path}:${line}: ${what}`);
    const { word, said = '', marks, body = '' } = groups!;
    const last = found.at(-1);
    if (groups!['heading'] !== undefined) heading = groups!['heading'];
    else if (word === 'needs') {
      const kind = /^kind (\S+)$/.exec(said)?.[1];
      if (kind === undefined) throw wrong(`"${said}" is no need`);
      stage.kinds.push(kind);
    } else if (word === 'before') stage.before = said;
    else if (word !== undefined) {
      if (last === undefined) throw wrong(`${word} what?`);
      if (word === 'prints') last.prints.push(said);
      else last.shows.push(witness(said) ?? missing(wrong('=> and a pattern are missing')));
    } else if (marks === 'ts run') {
      const title = `${path}: ${heading}`;
      const same = found.filter((other) => other.title.split(' (')[0] === title).length;
      const name = heading
        .replaceAll(/[^A-Za-z0-9]+(.?)/g, (_, next: string) => next.toUpperCase())
        .replace(/^[A-Z]/, (first) => first.toLowerCase());
      found.push({
        title: same === 0 ? title : `${title} (${same + 1})`,
        name: `${name.replace(/^(?=\d)/, 'of')}${same === 0 ? '' : same + 1}`,
        line,
        code: body,
        ...stage,
        shows: [],
        prints: [],
      });
      stage = { kinds: [], before: '' };
    } else if (marks === 'sh run') {
      if (last === undefined || last.replaces !== undefined) throw wrong('replaces nothing');
      last.replaces = body;
    }
  }
  for (const { title, shows, prints } of found)
    if (shows.length + prints.length === 0) throw new Error(`${title}: nothing proves it: say what it shows or prints`);
  return found;
}

function witness(said: string): Witness | undefined {
  const [command, pattern] = said.split(/\s+=>\s+/);
  return command === undefined || pattern === undefined ? undefined : { command, pattern };
}

function missing(error: Error): never {
  throw error;
}

/** A page's snippets as a module: each a function, whose imports are its own; those of Node.js and of types stand above all. */
export function moduleOf({ path, snippets }: Page): string {
  const shared = new Set<string>();
  const functions = snippets.map(({ title, name, code }) => {
    const body = code.replaceAll(
      /^import (type )?\{([^}]*)\} from ('[^']*');\n/gm,
      (line, type: string | undefined, names: string, from: string) => {
        if (type === undefined && !from.startsWith("'node:")) return `const {${names.replaceAll(' as ', ': ')}} = await import(${from});\n`;
        shared.add(line);
        return '';
      },
    );
    return `/** ${title} */\nexport async function ${name}(): Promise<void> {\n${body}}\n`;
  });
  return `// Made of ${path} by \`npx tsx scripts/snippets.ts\`; change it there.\n${[...shared].join('')}\n${functions.join('\n')}`;
}

/** What test/snippets holds, by file. */
export function snippetModules(): Map<string, string> {
  return new Map(pages().map((page) => [`${tree}/test/snippets/${page.name}.ts`, moduleOf(page)]));
}
