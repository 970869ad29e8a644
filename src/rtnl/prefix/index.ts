/** Announced prefixes: what `netloom/rtnl` exports of this folder. */
export { type PrefixAttributes, type PrefixHeader, type PrefixMessage, prefixAttributes, prefixMessage, prefixmsg } from './message.ts';
export type { AnnouncedPrefix } from './prefix.ts';
