/** `NODE_DEBUG`, as node:util reads it, also where its `debuglog` does not say whether it is meant (Bun) or says so late (Deno). */
import { debuglog } from 'node:util';

/** What NODE_DEBUG turns on. */
export interface DebugLog {
  readonly enabled: boolean;
  /** Writes `NAME PID: text` to stderr. */
  write(text: string): void;
}

/** @param set the name in NODE_DEBUG, in small letters */
export function debugLog(set: string): DebugLog {
  const log = debuglog(set);
  if (log.enabled) return { enabled: true, write: (text) => log('%s', text) };
  return {
    enabled: named(set, process.env['NODE_DEBUG'] ?? ''),
    write: (text) => void process.stderr.write(`${set.toUpperCase()} ${process.pid}: ${text}\n`),
  };
}

/** Whether a list of names, in which `*` stands for anything, has this one. */
function named(set: string, list: string): boolean {
  return list.split(',').some((name) => new RegExp(`^${name.replace(/[^\w*]/g, '\\$&').replaceAll('*', '.*')}$`, 'i').test(set));
}
