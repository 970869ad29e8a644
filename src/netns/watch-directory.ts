/** Tells when something may have changed in the directory of names, by inotify(7), whether or not it is there yet. */
import { type FSWatcher, watch as fsWatch, statSync } from 'node:fs';
import { SystemError } from '../netlink/errors.ts';

export interface DirectoryWatch {
  /** Follows the directory: to one that came, or that was replaced. To be called before each look. @returns whether it has: nothing was told of what is in there @throws SystemError */
  follow(): boolean;
  ref(): void;
  unref(): void;
  close(): void;
}

export interface DirectorySink {
  /** The entry `name` has come or gone; undefined: something else happened. */
  touched(name: string | undefined): void;
  failed(error: unknown): void;
}

/**
 * Watches `directory`. While it is missing its nearest parent is watched. It is known by its inode, and not by the mount: that it becomes a mount point, as
 * it does with the first name, changes nothing.
 *
 * @throws SystemError `ENOSPC` or `EMFILE` at the limits of inotify (sysctls fs.inotify.max_user_watches, max_user_instances)
 */
export function watchDirectory(directory: string, sink: DirectorySink): DirectoryWatch {
  let watcher: FSWatcher | undefined;
  let watched = '';
  let referenced = true;

  const follow = (): boolean => {
    const { path, identity } = nearest(directory);
    if (identity === watched) return false;
    watcher?.close();
    watcher = undefined;
    watched = '';
    // libuv tells that the directory itself has gone by the last part of its path, which an entry could be called, too
    const isOfEntry = (name: string): boolean =>
      path === directory && (!directory.endsWith(`/${name}`) || nearest(directory).identity === identity);
    const next = open(path, (name) => sink.touched(name !== undefined && isOfEntry(name) ? name : undefined));
    next.on('error', (error) => sink.failed(explained(error, path)));
    if (!referenced) next.unref();
    watcher = next;
    watched = identity;
    // it may have come, or have been replaced, between the look and the watch
    if (nearest(directory).identity !== identity) follow();
    return true;
  };
  follow();
  return {
    follow,
    ref() {
      referenced = true;
      watcher?.ref();
    },
    unref() {
      referenced = false;
      watcher?.unref();
    },
    close() {
      watcher?.close();
      watcher = undefined;
    },
  };
}

function open(path: string, touched: (name: string | undefined) => void): FSWatcher {
  try {
    return fsWatch(path, (event, name) => touched(event === 'rename' ? (name ?? undefined) : undefined));
  } catch (error) {
    throw explained(error, path);
  }
}

/** The directory, or the nearest one above it that is there. */
function nearest(directory: string): { path: string; identity: string } {
  for (let path = directory; ; path = path.slice(0, path.lastIndexOf('/')) || '/') {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (found?.isDirectory() === true) return { path, identity: `${path} ${found.dev}:${found.ino}` };
    if (path === '/') throw new SystemError('stat', 2, { path });
  }
}

function explained(error: unknown, path: string): unknown {
  const { errno } = error as NodeJS.ErrnoException;
  return errno === undefined ? error : new SystemError('inotify_add_watch', Math.abs(errno), { path });
}
