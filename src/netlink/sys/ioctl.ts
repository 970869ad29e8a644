/** ioctl(2), on the calling thread or off it: some requests wait for a lock of the kernel. */
import { SystemError } from '../errors.ts';
import { lastError, libc, type Memory } from './libc.ts';

/** One request. */
export interface Ioctl {
  readonly fd: number;
  /** Its number, and its name for errors. */
  readonly request: readonly [number: number, name: string];
  /** An integer, or memory whose address is the argument. */
  readonly argument: Memory | number;
}

/** @returns what the call returns @throws SystemError */
export function ioctlSync({ fd, request: [number, name], argument }: Ioctl): number {
  const result = typeof argument === 'number' ? libc().ioctl(fd, number, argument) : libc().ioctlMemory(fd, number, argument);
  if (result < 0) throw lastError(name);
  return result;
}

/** The same on libuv's thread pool. */
export function ioctlAsync({ fd, request: [number, name], argument }: Ioctl): Promise<number> {
  return new Promise((resolve, reject) => {
    const done = (error: unknown, result: number): void => {
      if (error) reject(error);
      else if (result < 0) reject(new SystemError(name, libc().errno()));
      else resolve(result);
    };
    if (typeof argument === 'number') libc().ioctl.async(fd, number, argument, done);
    else libc().ioctlMemory.async(fd, number, argument, done);
  });
}
