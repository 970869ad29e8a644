/** Holding locks for as long as a program runs. */
import { NetloomError } from '../netlink/errors.ts';
import type { Program, SectionStep } from '../netlink/program.ts';
import { releaseNameLock, takeNameLock } from '../netlink/sys/name-lock.ts';

const EBUSY = 16;

/**
 * Runs `body` holding the locks `names` of the program's namespace.
 *
 * @param subject what they are for: `endpoint "eth0" of "c1"`
 * @throws NetloomError `EBUSY` when somebody else holds one
 */
export function* locked<T>(names: readonly string[], subject: string, body: () => Program<T>): Program<T> {
  const taken = yield* tryLocks(names);
  if (taken === undefined)
    throw new NetloomError(`${subject} is being made or removed by somebody else at the moment`, 'EBUSY', { errno: EBUSY });
  try {
    return yield* body();
  } finally {
    yield* release(taken);
  }
}

/** Runs `body` holding a lock, if nobody else holds it. @returns undefined when somebody does */
export function* ifUnlocked<T>(name: string, body: () => Program<T>): Program<{ value: T } | undefined> {
  const taken = yield* tryLocks([name]);
  if (taken === undefined) return undefined;
  try {
    return { value: yield* body() };
  } finally {
    yield* release(taken);
  }
}

function* tryLocks(names: readonly string[]): Program<readonly number[] | undefined> {
  const step: SectionStep = {
    op: 'section',
    run: () => {
      const taken: number[] = [];
      try {
        for (const name of names) {
          const lock = takeNameLock(name);
          if (lock === undefined) break;
          taken.push(lock);
        }
      } finally {
        // an error on the way, or one that is held
        if (taken.length < names.length) for (const lock of taken) releaseNameLock(lock);
      }
      return taken.length < names.length ? undefined : taken;
    },
  };
  return (yield step) as readonly number[] | undefined;
}

// biome-ignore lint/correctness/useYield: closing a descriptor is the same in every namespace, and must not be refused by an aborted call
function* release(locks: readonly number[]): Program<void> {
  for (const lock of locks) releaseNameLock(lock);
}
