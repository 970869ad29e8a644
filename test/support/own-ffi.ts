/** koffi for what a test itself asks of libc: a process over node-netlink may load it for that, but netloom may not (transport.ts). */
import { createRequire } from 'node:module';
import type * as Koffi from 'koffi';

let loaded = false;

export function ownFfi(): typeof Koffi {
  loaded = true;
  return createRequire(import.meta.url)('koffi') as typeof Koffi;
}

export function ownFfiLoaded(): boolean {
  return loaded;
}
