/** Reads the kernel's UAPI headers (linux-libc-dev): the constants they define, and which of them are attributes. */
import { existsSync, readFileSync } from 'node:fs';

/** One enum of a header, in order. */
export interface Enum {
  readonly members: ReadonlyMap<string, number>;
}

/** The constants of a header. */
export interface Header {
  readonly enums: readonly Enum[];
  /** Members of the enums and macros with an integer value. */
  readonly constants: ReadonlyMap<string, number>;
}

/** The headers of rtnetlink, of the links' kinds and of conntrack, whose attributes netloom declares. */
export const rtnlHeaders = [
  'linux/if_link.h',
  'linux/rtnetlink.h',
  'linux/if_addr.h',
  'linux/neighbour.h',
  'linux/fib_rules.h',
  'linux/nexthop.h',
  'linux/if_bridge.h',
  'linux/if_tunnel.h',
  'linux/lwtunnel.h',
  'linux/if_addrlabel.h',
  'linux/net_namespace.h',
  'linux/netconf.h',
  'linux/veth.h',
  'linux/can/netlink.h',
  'linux/can/vxcan.h',
  'linux/mpls_iptunnel.h',
  'linux/seg6_iptunnel.h',
  'linux/seg6_local.h',
  'linux/rpl_iptunnel.h',
  'linux/ioam6_iptunnel.h',
  'linux/netfilter/nfnetlink_conntrack.h',
] as const;

/** Reads a header below `folder`; `undefined` where it is missing. Headers it includes are not read. */
export function readHeader(folder: string, name: string): Header | undefined {
  const path = `${folder}/${name}`;
  return existsSync(path) ? parseHeader(readFileSync(path, 'utf8')) : undefined;
}

/** Reads what enums and simple macros say. What has no plain integer value is left out. */
export function parseHeader(text: string): Header {
  const plain = text
    .replace(/\/\*[\s\S]*?\*\//g, ' ')
    .replace(/\\\n/g, ' ')
    .replace(/\/\/.*$/gm, '');
  const constants = new Map<string, number>();
  for (const [, name, expression] of plain.matchAll(/^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+(.+)$/gm)) {
    const value = evaluate(expression!, constants);
    if (value !== undefined && !constants.has(name!)) constants.set(name!, value);
  }
  const enums: Enum[] = [];
  for (const [, body] of plain.replace(/^[ \t]*#.*$/gm, '').matchAll(/\benum\s*\w*\s*\{([^}]*)\}/g)) {
    const members = new Map<string, number>();
    let next: number | undefined = 0;
    for (const member of body!.split(',')) {
      const match = /^\s*(\w+)\s*(?:=\s*(.+?))?\s*$/s.exec(member);
      if (match === null) continue;
      const value: number | undefined = match[2] === undefined ? next : evaluate(match[2], constants);
      next = value === undefined ? undefined : value + 1;
      if (value === undefined) continue;
      members.set(match[1]!, value);
      constants.set(match[1]!, value);
    }
    enums.push({ members });
  }
  return { enums, constants };
}

/** A constant integer expression of C over constants that are known. */
export function evaluate(expression: string, known: ReadonlyMap<string, number>): number | undefined {
  const numbers = expression
    .replace(/\b(0[xX][0-9a-fA-F]+|\d+)[uUlL]+\b/g, '$1')
    .replace(/\b(?:_BITUL|_BITULL|BIT)\(([^()]*)\)/g, '(1 << ($1))')
    .replace(/\b[A-Za-z_]\w*\b/g, (name) => (known.has(name) ? `(${known.get(name)})` : name));
  if (!/^[\s\d()+\-*<>|&~xXa-fA-F]+$/.test(numbers) || /\b[A-Za-z_]/.test(numbers)) return undefined;
  try {
    // nothing but digits, parentheses and operators is left
    const value: unknown = new Function(`return (${numbers})`)();
    // what needs more bits than a number has is none of ours
    return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Enums that end like those of attributes and hold something else. */
const otherEnums = [
  // types of messages, groups, values of fields and of attributes
  /^RTM_|^RTN_|^RTNLGRP_|^FR_ACT_|^NEXTHOP_GRP_TYPE_|^LWTUNNEL_ENCAP_|^SEG6_LOCAL_ACTION_|^SEG6_LOCAL_FLV_OP_|^IOAM6_IPTUNNEL_MODE_(?!$)/,
  /^IFLA_VF_LINK_STATE_|^VXLAN_DF_|^VXLAN_LABEL_|^GENEVE_DF_|^MACSEC_VALIDATE_|^MACSEC_OFFLOAD_(OFF|PHY|MAC)$|^IP_TUNNEL_.*_BIT$/,
  // traffic control, whose messages rtnetlink.h begins
  /^TCA_/,
  // former names of IFLA_TARGET_NETNSID, IFLA_DSA_CONDUIT and CTA_SEQADJ_*, and numbers without a use
  /^IFLA_IF_NETNSID$|^IFLA_DSA_MASTER$|^FRA_UNUSED\d$|^CTA_NAT_SEQ_/,
];

/**
 * The attributes of a header: the members of the enums that close with a member `__NAME`, as those of all sets of attributes do.
 * Neither the one that says nothing (`UNSPEC`) counts nor padding.
 */
export function attributesOf(header: Header): Map<string, number> {
  const found = new Map<string, number>();
  for (const { members } of header.enums) {
    if (![...members.keys()].some((name) => name.startsWith('__'))) continue;
    for (const [name, value] of members) {
      const other = /^__|_(UNSPEC|PAD\d?|MAX|NONE)$/.test(name) || otherEnums.some((pattern) => pattern.test(name));
      if (!other) found.set(name, value);
    }
  }
  return found;
}
