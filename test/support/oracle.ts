/**
 * The field's own tools (`ip`, `nft`, `ping`) as witnesses: what netloom says it did is looked at with something else.
 *
 * Everything here is synchronous and blocks the event loop until the tool ends.
 */
import { patience } from './patience.ts';
import { type Ended, runProgram } from './programs.ts';

/** A network namespace as the tests name it: a name in /run/netns, an absolute path, or the id of a process in it. */
export type NetnsRef = string | number;

/** Where a tool runs; by default in the namespace of this process. */
export interface Where {
  readonly netns?: NetnsRef | undefined;
}

// The tools' JSON has no type of its own: tests compare it with toMatchObject and read fields off it.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Json = any;

/** The path of a namespace. */
function pathOf(netns: NetnsRef | undefined): string | undefined {
  if (netns === undefined) return undefined;
  if (typeof netns === 'number') return `/proc/${netns}/ns/net`;
  return netns.startsWith('/') ? netns : `/run/netns/${netns}`;
}

/** Milliseconds that a program may take before it is taken to hang: less than a test may. Machines are busy, and emulated ones (scripts/kernels) slow. */
export const limit = 120_000 * patience;

/** Runs a program, however it ends. @throws Error when it cannot be started, or does not end */
export function ended(command: readonly string[], where: Where = {}, input?: string): Ended {
  return runProgram(command, { netns: pathOf(where.netns), input, timeout: limit });
}

/** @throws Error with its `status` and what the tool wrote to stderr when it fails */
function run(command: readonly string[], where: Where, input?: string): string {
  const outcome = ended(command, where, input);
  if (outcome.status === 0) return outcome.stdout;
  throw Object.assign(new Error(`Command failed: ${command.join(' ')}\n${outcome.stderr}`), outcome);
}

/** `ip -d -j ARGS`, parsed: `ip(['link', 'show', 'eth0'])[0].mtu`. Always an array; entries that a filter emptied are left out. */
export function ip(args: readonly string[], where: Where = {}): Json[] {
  return ipEntries(run(['ip', '-d', '-j', ...args], where));
}

/** What `ip -j` printed, parsed: an array without the entries that a filter emptied. */
export function ipEntries(output: string): Json[] {
  const entries: Json[] = output.trim() === '' ? [] : JSON.parse(output);
  return entries.filter((entry) => Object.keys(entry).length > 0);
}

/** `ip ARGS` as a person reads it, and for commands that print nothing: `ipText(['link', 'add', 'br0', 'type', 'bridge'])`. */
export function ipText(args: readonly string[], where: Where = {}): string {
  return run(['ip', ...args], where);
}

/** `bridge -d -j ARGS`, parsed: `bridge(['fdb', 'show'])[0].mac`. */
export function bridge(args: readonly string[], where: Where = {}): Json[] {
  const output = run(['bridge', '-d', '-j', ...args], where).trim();
  return output === '' ? [] : JSON.parse(output);
}

/** The objects of `nft -j list ruleset` without the leading `metainfo`: `[{ table: … }, { chain: … }, { rule: … }]`. */
export function nftJson(where: Where = {}): Json[] {
  return nftObjects(run(['nft', '-j', 'list', 'ruleset'], where));
}

/** What `nft -j list ruleset` printed, parsed, without the leading `metainfo`. */
export function nftObjects(output: string): Json[] {
  const objects: Json[] = JSON.parse(output).nftables;
  return objects.filter((object) => !('metainfo' in object));
}

/** `nft list ruleset`, in nft's own language. */
export function nftText(where: Where = {}): string {
  return run(['nft', 'list', 'ruleset'], where);
}

/** Loads a script in nft's language as one transaction, as `nft -f` does. */
export function nftLoad(script: string, where: Where = {}): void {
  run(['nft', '-f', '-'], where, script);
}

/**
 * Sends `count` (by default 1) echo requests and waits a second for each answer. An unreachable address is an answer,
 * `received: 0`; an address that is none is an error.
 */
export function ping(address: string, where: Where & { readonly count?: number } = {}): { transmitted: number; received: number } {
  const command = ['ping', '-n', '-q', '-c', String(where.count ?? 1), '-i', '0.2', '-W', '1', address];
  const { stdout, stderr } = ended(command, where);
  const counts = /(\d+) packets transmitted, (\d+) received/.exec(stdout);
  if (counts !== null) return { transmitted: Number(counts[1]), received: Number(counts[2]) };
  if (/unreachable|Cannot assign requested address/.test(stderr)) return { transmitted: 0, received: 0 };
  throw new Error(`ping ${address}: ${stderr.trim()}`);
}

/**
 * Whether an address answers, asked again for as long as half a minute: an address on trial does not answer yet, and on a busy machine an answer may come
 * late. For what must answer; of what must not, one {@link ping} is enough.
 */
export function answers(address: string, where: Where = {}): boolean {
  for (let tries = 0; tries < 30; tries++) if (ping(address, where).received > 0) return true;
  return false;
}

/** Runs any program and returns what it printed: `tool(['bridge', 'vlan', 'show'])`. @throws Error when it fails, with its `stderr` */
export function tool(command: readonly string[], where: Where = {}): string {
  return run(command, where);
}

/** Runs a shell command and returns what it printed. @throws Error when it ends with another status than 0 */
export function sh(command: string, where: Where = {}): string {
  return run(['sh', '-c', command], where);
}
