/** Loads koffi, the FFI binding to libc, on first use: importing netloom for its types and codecs loads no native code. */
import type * as Koffi from 'koffi';
import { dependency } from '../dependency.ts';
import { NetloomError } from '../errors.ts';
import { checkArchitecture } from './architecture.ts';

let loaded: typeof Koffi | undefined;

/** The koffi module. @throws NetloomError `ERR_FFI_UNAVAILABLE` where it cannot run */
export function ffi(): typeof Koffi {
  loaded ??= load(process.platform, dependency);
  return loaded;
}

/** The part of {@link ffi} that does not remember, for tests. */
export function load(platform: string, require: (module: string) => unknown, architecture: string = process.arch): typeof Koffi {
  if (platform !== 'linux') throw new NetloomError(`netlink sockets exist on Linux only, and this is ${platform}`, 'ERR_FFI_UNAVAILABLE');
  checkArchitecture(architecture);
  try {
    return require('koffi') as typeof Koffi;
  } catch (cause) {
    const target = `${platform}-${architecture}`;
    const reason = cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause);
    throw new NetloomError(
      `cannot load koffi, the FFI library netloom calls libc with, on ${target}: ${reason}; its binary is the optional dependency ` +
        `@koromix/koffi-${target}: install without --no-optional and without files copied from another platform`,
      'ERR_FFI_UNAVAILABLE',
      { cause },
    );
  }
}
