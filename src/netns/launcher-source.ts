/**
 * The program of the thread that starts others in a mount namespace of their own (launcher.ts). It is a text, so that it runs wherever netloom does: from
 * its sources, from its build, and from within a bundle.
 *
 * A thread needs its own working directory, root and umask (CLONE_FS) to have its own mounts, for good: the calls of the thread pool, which share
 * the main thread's, would no longer follow its `process.chdir`. So it cannot be the main thread, and this one is told the directory and the umask each time.
 *
 * Sources: unshare(2), setns(2), mount(2), proc_pid_mountinfo(5), ip-netns(8), lib/namespace.c of iproute2.
 */
export const launcherSource: string = String.raw`'use strict';
const { workerData, receiveMessageOnPort } = require('node:worker_threads');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const { binding, path, port, signal } = workerData;

const [CLONE_FS, CLONE_NEWNS, CLONE_NEWNET] = [0x200, 0x20000, 0x40000000];
const [MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_SLAVE] = [1, 2, 4, 8, 0x1000, 0x4000, 0x80000];
const [O_DIRECTORY, O_CLOEXEC, O_PATH] = [fs.constants.O_DIRECTORY, 0o2000000, 0o10000000];

/** A failed call of the system, as data: errno, or what node-netlink says in its place. */
class Failure extends Error {
  constructor(syscall, path, errno, text) {
    super(syscall);
    this.detail = { syscall, path, errno, text };
  }
}

function ffi() {
  const koffi = require(path);
  const library = koffi.load(null);
  const of = (prototype) => library.func(prototype);
  return {
    functions: {
      unshare: of('int unshare(int flags)'),
      setns: of('int setns(int fd, int kind)'),
      mount: of('int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)'),
      openat: of('int openat(int folder, const char *path, int flags)'),
      close: of('int close(int fd)'),
      fchdir: of('int fchdir(int fd)'),
      chroot: of('int chroot(const char *path)'),
      umask: of('uint32_t umask(uint32_t mask)'),
    },
    reason: () => ({ errno: koffi.errno() }),
  };
}

function nodeNetlink() {
  const syscalls = require(path).default;
  let text;
  const value = (argument) =>
    typeof argument === 'number' ? BigInt(argument) : argument === null ? 0n : Buffer.from(argument + '\0');
  const functions = {};
  for (const name of ['unshare', 'setns', 'mount', 'openat', 'close', 'fchdir', 'chroot', 'umask'])
    functions[name] = (...args) => {
      try {
        return Number(syscalls.syscall.sync(syscalls['__NR_' + name], ...args.map(value)));
      } catch (error) {
        text = error.message;
        return -1;
      }
    };
  return { functions, reason: () => ({ text }) };
}

let functions, reason, unusable;
try {
  ({ functions, reason } = binding === 'ffi' ? ffi() : nodeNetlink());
} catch (error) {
  unusable = error;
}
function call(name, path, ...args) {
  const result = functions[name](...args);
  if (result >= 0) return result;
  const { errno, text } = reason();
  throw new Failure(name, path, errno, text);
}
const open = (path, flags) => call('openat', path, -100, path, flags | O_CLOEXEC);
const refused = ({ detail }) => detail.errno === 1 || detail.errno === 13 || /not permitted|denied/.test(detail.text ?? '');

let home;
function atHome() {
  if (home === undefined) {
    call('unshare', undefined, CLONE_FS);
    const opened = [];
    const keep = (path, flags) => {
      opened.push(open(path, flags));
      return opened.at(-1);
    };
    try {
      home = { mounts: keep('/proc/thread-self/ns/mnt', 0), network: keep('/proc/thread-self/ns/net', 0), root: keep('/', O_PATH | O_DIRECTORY) };
    } catch (error) {
      for (const fd of opened) functions.close(fd);
      throw error;
    }
  }
  return home;
}

/** The mounts right below a mount point, with their paths: [{ point, options }]. */
function mountsOn(point) {
  const decode = (text) => text.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8)));
  const all = fs.readFileSync('/proc/thread-self/mountinfo', 'latin1').trim().split('\n').map((line) => {
    const [id, parent, , , at, options] = line.split(' ');
    return { id, parent, point: decode(at), options: options.split(',') };
  });
  const top = all.findLast((mount) => mount.point === point);
  return { top, below: top === undefined ? [] : all.filter((mount) => mount.parent === top.id && mount.point !== point) };
}

/** A new /sys, which shows the links of the network namespace; what is mounted below the old one (cgroups, bpf, debug) stays. */
function mountSys() {
  const { top, below } = mountsOn('/sys');
  const kept = [];
  try {
    for (const { point } of below) kept.push({ point, fd: open(point, O_PATH) });
    call('mount', '/sys', 'sysfs', '/sys', 'sysfs', MS_NOSUID | MS_NODEV | MS_NOEXEC | (top?.options.includes('ro') ? MS_RDONLY : 0), null);
    for (const { point, fd } of kept) if (fs.existsSync(point)) call('mount', point, '/proc/thread-self/fd/' + fd, point, null, MS_BIND | MS_REC, null);
  } finally {
    for (const { fd } of kept) functions.close(fd);
  }
}

/**
 * The files of /etc/netns/NAME over those of /etc. One that has nothing to lie over, a folder over a file or the reverse, is passed over, as by ip(8), unless all is insisted on.
 *
 * @returns what was passed over
 */
function mountEtc(name, insist) {
  const folder = '/etc/netns/' + name;
  let files;
  try {
    files = fs.readdirSync(folder);
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw new Failure('scandir', folder, -error.errno);
  }
  return files.filter((file) => {
    const [from, to] = [folder + '/' + file, '/etc/' + file];
    try {
      call('mount', to, from, to, null, MS_BIND, null);
    } catch (error) {
      const kinds = [from, to].map((path) => fs.statSync(path, { throwIfNoEntry: false })?.isDirectory());
      // it went meanwhile
      if (kinds[0] === undefined && fs.lstatSync(from, { throwIfNoEntry: false }) === undefined) return false;
      if (insist || !(error instanceof Failure) || (kinds[0] !== undefined && kinds[0] === kinds[1])) throw error;
      return true;
    }
    return false;
  });
}

const children = new Map();

function start({ id, network, name, insist, umask, command, args, options }) {
  const { mounts, network: origin, root } = atHome();
  call('setns', undefined, network, CLONE_NEWNET);
  try {
    call('unshare', undefined, CLONE_NEWNS);
    try {
      call('mount', '/', 'none', '/', null, MS_SLAVE | MS_REC, null);
      try {
        mountSys();
      } catch (error) {
        if (insist || !(error instanceof Failure) || !refused(error)) throw error;
      }
      const passedOver = name === undefined ? [] : mountEtc(name, insist);
      call('umask', undefined, umask);
      const child = spawn(command, args, options);
      watch(id, child);
      return { pid: child.pid, file: child.spawnfile, argv: child.spawnargs, passedOver };
    } finally {
      comeBack(() => {
        call('setns', undefined, mounts, CLONE_NEWNS);
        call('fchdir', undefined, root);
        call('chroot', '.', '.');
      });
    }
  } finally {
    comeBack(() => call('setns', undefined, origin, CLONE_NEWNET));
  }
}

let lost = false;
/** A thread that cannot go back ends once its children have: nothing else runs in it. */
function comeBack(way) {
  try {
    way();
  } catch {
    lost = true;
  }
}

function watch(id, child) {
  children.set(id, child);
  const done = (message) => {
    children.delete(id);
    port.postMessage({ id, ...message });
    if (lost && children.size === 0) port.close();
  };
  child.once('exit', (code, signal) => done({ exit: { code, signal } }));
  child.once('error', (error) => {
    if (child.pid !== undefined) return;
    const { message, code, errno, syscall, path, spawnargs } = error;
    done({ error: { message, code, errno, syscall, path, spawnargs } });
  });
}

function answer(request) {
  try {
    if (unusable !== undefined) throw unusable;
    if ('kill' in request) return { killed: children.get(request.id)?.kill(request.kill) ?? false };
    return start(request);
  } catch (error) {
    if (error instanceof Failure) return { failure: error.detail };
    const { message, code, name } = error;
    return { thrown: { message, code, name } };
  }
}

port.on('message', (request) => {
  port.postMessage({ answer: { ...answer(request), lost } });
  Atomics.add(signal, 0, 1);
  Atomics.notify(signal, 0);
});
`;
