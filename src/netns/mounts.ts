/** The mounts that a program in a namespace sees: those of the caller, or its own with what belongs to the namespace. Source: ip-netns(8), "exec". */
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { NetloomError, SystemError } from '../netlink/errors.ts';
import { checkBoolean, memberNames } from '../netlink/input.ts';
import { launch } from './child.ts';
import { checkLimits } from './process-options.ts';

/** What of the file system a program in a namespace sees otherwise. */
export interface MountOptions {
  /**
   * Whether the program gets a mount namespace of its own, as with `ip netns exec`: /sys shows the links of the namespace, and the files of
   * /etc/netns/NAME (`resolv.conf`, `hosts`) lie over those of /etc. Mounts that it makes are seen by nobody else; those made outside reach it if they are shared.
   *
   * Default: where that is possible. Without CAP_SYS_ADMIN over the mounts, in Deno, in Bun, and with a channel for messages (`ipc`) it gets the mounts of
   * the caller; where the kernel lets nobody mount a new /sys, as in many containers, it has that of the caller; and a file of /etc/netns/NAME that has no counterpart in
   * /etc is passed over with a warning (`NETLOOM_ETC`), as by ip(8). `true` makes an error of each of these.
   */
  readonly mounts?: boolean;
}

export const mountMembers = memberNames<MountOptions>({ mounts: true });

/** What is known of the namespace that a program is started in. */
export interface Place {
  readonly fd: number;
  readonly name: string | undefined;
}

/**
 * Starts a program with mounts of its own.
 *
 * @returns undefined when it is to have those of the caller
 * @throws InputError; NetloomError `ERR_FEATURE_UNAVAILABLE_ON_PLATFORM`; SystemError
 */
export function launchWithMounts(
  { fd, name }: Place,
  command: string,
  args: readonly string[],
  options: SpawnOptions,
  mounts: boolean | undefined,
): ChildProcess | undefined {
  checkBoolean(mounts, 'mounts');
  checkLimits(options);
  const obstacle = mounts === false ? '' : obstacleTo(options);
  if (mounts === true && obstacle !== undefined) throw new NetloomError(`mounts: ${obstacle}`, 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM');
  if (obstacle !== undefined) return undefined;
  try {
    return launch({ network: fd, name, insist: mounts === true }, command, args, options);
  } catch (error) {
    if (mounts !== true && error instanceof SystemError && error.code === 'EPERM' && withoutPower.has(error.syscall)) return undefined;
    throw error;
  }
}

/** Refused to those who have no CAP_SYS_ADMIN over their mounts; entering the network namespace without them says what is missing for that. */
const withoutPower: ReadonlySet<string> = new Set(['unshare', 'setns']);

function obstacleTo({ stdio }: SpawnOptions): string | undefined {
  for (const [runtime, name] of [
    ['bun', 'Bun'],
    ['deno', 'Deno'],
  ] as const)
    if (process.versions[runtime] !== undefined) return `a mount namespace for a program needs Node.js, and this is ${name}`;
  return Array.isArray(stdio) && stdio.includes('ipc')
    ? 'a program in a mount namespace of its own cannot have a channel for messages (ipc)'
    : undefined;
}
