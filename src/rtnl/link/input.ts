/** Settings of kinds as callers may give them: links by name, by index or as objects, where the kernel has indexes. */
import type { LinkRef } from './reference.ts';

/** `T` with the members `K`, which hold the index of a link, taking any way to name one. 0 stands for no link. */
export type LinksByName<T, K extends keyof T> = Omit<T, K> & { [P in K]?: LinkRef };
