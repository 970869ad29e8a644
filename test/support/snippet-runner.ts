/**
 * Runs snippets one after the other, in the namespace that this process was started in: a machine of their own, with a /run of its own, that is emptied
 * between them. What came of each goes to standard output.
 */
import { spawnSync } from 'node:child_process';
import { inspect } from 'node:util';
import { netns, nft, rtnl, sync } from 'netloom';
import type { Snippet } from './snippets.ts';

/** What came of a snippet, or of the commands that it replaces. */
export interface Ran {
  /** Absent: it ended well. */
  readonly error?: string;
  readonly printed: string;
  /** What each command of `shows` printed. */
  readonly shown: readonly string[];
}

export interface SnippetResult {
  readonly snippet: Ran;
  readonly replaced?: Ran;
}

type Body = () => Promise<void>;

/** What a stage is often made with: a veth whose ends are up. Starting programs is what takes the time here. */
const prelude = `pair() { printf '%s\\n' "link add $1 type veth peer name $2" "link set $1 up" "link set $2 up" | ip -batch -; }`;
const separator = '\u001e';

interface Output {
  /** What each part printed. */
  readonly parts: string[];
  readonly error?: string;
}

/** Runs scripts in one shell, up to the first that fails. */
function sh(...scripts: readonly string[]): Output {
  const script = [prelude, ...scripts].join(`\nprintf '${separator}'\n`);
  const { stdout, stderr, status, error } = spawnSync('sh', ['-ec', script], { encoding: 'utf8', timeout: 30_000 });
  const parts = stdout.split(separator).slice(1);
  return status === 0 ? { parts } : { parts, error: `${scripts[parts.length - 1]}\n${stderr}${error?.message ?? ''} (status ${status})` };
}

/** Links go before namespaces, which the kernel takes down when it has time. */
function emptyStage(): void {
  using rt = rtnl.openSync();
  using nf = nft.openSync();
  for (const { index, name } of rt.links.list()) if (name !== 'lo') rt.links.ensureAbsent(index);
  for (const { name } of netns.listSync()) netns.deleteSync(name);
  nf.flush();
  rt.nexthops.flush();
  rt.routes.flush({ table: 'all' });
  for (const rule of rt.rules.list()) if (![0, 32_766, 32_767].includes(rule.priority ?? 0)) rt.rules.delete(rule);
  netns.openSync(process.pid).sysctl.setSync('net.ipv4.ip_forward', 0);
  sync.setLink('lo', { up: true });
}

async function runOne({ before, shows }: Snippet, body: Body): Promise<Ran> {
  emptyStage();
  const staged = sh(before);
  if (staged.error !== undefined) return { error: `the stage: ${staged.error}`, printed: '', shown: [] };
  const { printed, error } = await play(body);
  if (error !== undefined) return { error, printed, shown: [] };
  const { parts, ...failure } = sh(...shows.map(({ command }) => command));
  return { ...failure, printed, shown: parts };
}

function runReplaced(commands: string, { before, shows }: Snippet): Ran {
  emptyStage();
  const {
    parts: [, printed = '', ...shown],
    ...failure
  } = sh(before, commands, ...shows.map(({ command }) => command));
  return { ...failure, printed, shown };
}

async function play(body: Body): Promise<{ printed: string; error?: string }> {
  const lines: string[] = [];
  const { log } = console;
  console.log = (...values: unknown[]) => lines.push(values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' '));
  try {
    await body();
    return { printed: lines.join('\n') };
  } catch (error) {
    return { printed: lines.join('\n'), error: inspect(error) };
  } finally {
    console.log = log;
  }
}

/** @param bodies the functions of the snippets, by name */
export async function runSnippets(snippets: readonly Snippet[], bodies: Readonly<Record<string, Body>>): Promise<void> {
  for (const snippet of snippets) {
    const result: SnippetResult = {
      snippet: await runOne(snippet, bodies[snippet.name]!),
      ...(snippet.replaces === undefined ? {} : { replaced: runReplaced(snippet.replaces, snippet) }),
    };
    // builders close what they have open when the tick is over: the next snippet may use another transport
    await new Promise((resolve) => setImmediate(resolve));
    process.stdout.write(`${JSON.stringify([snippet.title, result])}\n`);
  }
}
