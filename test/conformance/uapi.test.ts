/**
 * The schemas against the kernel's headers, mechanically: every constant that stands beside a number, the kind of every attribute
 * that the kernel checks by a policy, and how much of each header is declared.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { fits, leastPayload } from '../support/policy.ts';
import { declaredAttributes, type NamedNumber, namedNumbers } from '../support/schemas.ts';
import { attributesOf, parseHeader, readHeader, rtnlHeaders } from '../support/uapi.ts';

const folders = ['netlink', 'rtnl', 'nft', 'conntrack', 'sock-diag'];
const include = '/usr/include';
/** Tables of constants that a working place may have beside the tree: more headers, and newer ones. */
const facts = fileURLToPath(new URL('../../../shared/facts/', import.meta.url));

/** Headers with the constants that the schemas use, besides those whose attributes are counted. */
const otherHeaders = [
  'linux/netlink.h',
  'linux/if.h',
  'linux/if_macsec.h',
  'linux/if_vlan.h',
  'linux/gtp.h',
  'linux/batman_adv.h',
  'linux/mpls.h',
  'linux/netfilter/nf_tables.h',
  'linux/netfilter/nfnetlink.h',
  'linux/netfilter/nf_conntrack_common.h',
  'linux/netfilter/nfnetlink_cttimeout.h',
  'linux/inet_diag.h',
];

/**
 * The share of a header's attributes that the schemas declare, in percent, at the least. To be raised with what is added; a
 * fall is a declaration lost.
 */
const coverage: Readonly<Record<(typeof rtnlHeaders)[number], number>> = {
  'linux/if_link.h': 100,
  'linux/rtnetlink.h': 100,
  'linux/if_addr.h': 100,
  'linux/neighbour.h': 100,
  'linux/fib_rules.h': 100,
  'linux/nexthop.h': 100,
  'linux/if_bridge.h': 100,
  'linux/if_tunnel.h': 100,
  'linux/lwtunnel.h': 100,
  'linux/if_addrlabel.h': 100,
  'linux/net_namespace.h': 100,
  'linux/netconf.h': 100,
  'linux/veth.h': 100,
  'linux/can/netlink.h': 100,
  'linux/can/vxcan.h': 100,
  'linux/mpls_iptunnel.h': 100,
  'linux/seg6_iptunnel.h': 100,
  'linux/seg6_local.h': 100,
  'linux/rpl_iptunnel.h': 100,
  'linux/ioam6_iptunnel.h': 100,
  'linux/netfilter/nfnetlink_conntrack.h': 100,
};

/**
 * Attributes whose values or bits have names, and the beginning of the constants for them. `stable-privacy` is looked for as
 * `IFA_F_STABLE_PRIVACY` and `IFA_F_STABLEPRIVACY`; and every constant must have a name, but those `without`.
 */
const valueTables: Readonly<Record<string, { prefix: string; header: string; without?: readonly string[] }>> = {
  IFA_FLAGS: { prefix: 'IFA_F_', header: 'linux/if_addr.h', without: ['MCAUTOJOIN'] },
  IFA_PROTO: { prefix: 'IFAPROT_', header: 'linux/if_addr.h' },
  IFLA_OPERSTATE: { prefix: 'IF_OPER_', header: 'linux/if.h' },
  IFLA_LINKMODE: { prefix: 'IF_LINK_MODE_', header: 'linux/if.h' },
  IFLA_BRPORT_STATE: { prefix: 'BR_STATE_', header: 'linux/if_bridge.h' },
  IFLA_MACVLAN_MODE: { prefix: 'MACVLAN_MODE_', header: 'linux/if_link.h' },
  IFLA_IPVLAN_MODE: { prefix: 'IPVLAN_MODE_', header: 'linux/if_link.h' },
  NDA_PROTOCOL: { prefix: 'RTPROT_', header: 'linux/rtnetlink.h' },
  NHA_GROUP_TYPE: { prefix: 'NEXTHOP_GRP_TYPE_', header: 'linux/nexthop.h' },
  RTAX_FEATURES: { prefix: 'RTAX_FEATURE_', header: 'linux/rtnetlink.h', without: ['MASK'] },
  RTA_ENCAP_TYPE: { prefix: 'LWTUNNEL_ENCAP_', header: 'linux/lwtunnel.h' },
};

/** Attributes whose schema is of another kind than the kernel's policy says, and why that is right. */
const otherKinds: Readonly<Record<string, string>> = {
  IFLA_PORT_HOST_UUID: 'the 16 bytes of a UUID, as IFLA_PORT_INSTANCE_UUID has them; NLA_STRING takes any bytes',
  TCA_GRED_MAX_P: 'one number for a queue that is set, and 16 of them in what the kernel tells (gred_dump() in net/sched/sch_gred.c)',
};

/** Constants that the headers say otherwise, and why that is right. */
const otherNumbers: Readonly<Record<string, string>> = {
  NLA_TYPE_MASK: 'the header writes it as the complement of the flag bits, in 32 bits; nla_type has 16',
};

const numbers = namedNumbers(folders);
const declared = await declaredAttributes(folders);
const names = new Set([...numbers, ...declared].map((each) => each.constant));

/** Constants of the headers installed here. */
const installed = new Map<string, number>();
for (const name of [...rtnlHeaders, ...otherHeaders])
  for (const [constant, value] of readHeader(include, name)?.constants ?? []) installed.set(constant, value);

describe.skipIf(installed.size === 0)('constants are those of the headers installed', () => {
  test('enough of them are known to mean something', () => {
    expect(compare(installed).known).toBeGreaterThan(300);
  });

  test('every constant has its number', () => {
    expect(compare(installed).wrong).toEqual([]);
  });

  const tables = declared.flatMap(({ constant, codec, module }) => {
    const table = valueTables[constant];
    const header = table === undefined ? undefined : readHeader(include, table.header);
    const { values } = codec as { values?: Readonly<Record<string, number>> };
    return table === undefined || header === undefined || values === undefined ? [] : [{ constant, table, header, values, module }];
  });
  test.each(tables)('the names of the values of $constant', ({ table: { prefix, without = [] }, header, values, module }) => {
    const known = new Map([...header.constants].filter(([name]) => name.startsWith(prefix) && !/_MAX$|__/.test(name)));
    expect(known.size).toBeGreaterThan(0);
    for (const [name, value] of Object.entries(values)) {
      const upper = name.toUpperCase();
      const said = known.get(prefix + upper.replace(/[-.]/g, '_')) ?? known.get(prefix + upper.replace(/[-._]/g, ''));
      if (said !== undefined) expect(value, `${name} in src/${module}`).toBe(said);
    }
    const named = new Set(Object.values(values));
    expect([...known].filter(([name, value]) => !named.has(value) && !without.includes(name.slice(prefix.length)))).toEqual([]);
  });

  const compiler = spawnSync('cc', ['--version']).status === 0;
  test.skipIf(!compiler)('the reader of headers agrees with the compiler', () => {
    const folder = mkdtempSync(join(tmpdir(), 'netloom-uapi-'));
    try {
      const present = [...rtnlHeaders, ...otherHeaders].filter((name) => existsSync(join(include, name)));
      const lines = present.flatMap((name) => [...(readHeader(include, name)?.constants ?? [])]);
      writeFileSync(
        join(folder, 'check.c'),
        `#include <sys/socket.h>\n#include <linux/in6.h>\n${present.map((name) => `#include <${name}>`).join('\n')}\n${lines
          .map(([name, value]) => `_Static_assert((unsigned)(${name}) == (unsigned)${value}LL, "${name}");`)
          .join('\n')}\n`,
      );
      const { stderr } = spawnSync('cc', ['-fsyntax-only', '-w', join(folder, 'check.c')], { encoding: 'utf8' });
      expect(stderr).toBe('');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('what the schemas declare', () => {
  const { headers } = JSON.parse(readFileSync(new URL('../fixtures/uapi/attributes.json', import.meta.url), 'utf8')) as {
    headers: Record<string, Record<string, number>>;
  };

  test('has the numbers of the recorded headers', () => {
    expect(compare(new Map(Object.values(headers).flatMap((each) => Object.entries(each)))).wrong).toEqual([]);
  });

  test('no two attributes of a set have one number', () => {
    const seen = new Map<string, string>();
    for (const { constant, type, set, module } of declared) {
      const place = `set ${set}, ${type}`;
      expect(seen.get(place) ?? constant, `type ${type} in src/${module}`).toBe(constant);
      seen.set(place, constant);
    }
    expect(seen.size).toBeGreaterThan(300);
  });

  test.each(rtnlHeaders)('%s', (header) => {
    const all = Object.keys(headers[header] ?? {});
    const missing = all.filter((name) => !names.has(name));
    const percent = Math.floor((100 * (all.length - missing.length)) / all.length);
    const shown = process.env['NETLOOM_UAPI_MISSING'] === undefined ? missing.slice(0, 12) : missing;
    const hidden = missing.length - shown.length;
    const rest = hidden === 0 ? '' : ` and ${hidden} more (NETLOOM_UAPI_MISSING=1 names them)`;
    console.log(
      `${header}: ${all.length - missing.length} of ${all.length} attributes, ${percent} %${missing.length === 0 ? '' : `; missing: ${shown.join(' ')}${rest}`}`,
    );
    expect(percent).toBeGreaterThanOrEqual(coverage[header]);
  });
});

describe('the reader of headers', () => {
  test('enums, macros, expressions and comments', () => {
    const { constants, enums } = parseHeader(`
      #define FIRST 0x10 /* a comment, with a comma */
      #define SECOND (FIRST | (1 << 2))
      enum { A_UNSPEC, A_ONE, /* enum { X } */ A_FIVE = 5, A_SIX,
      #define A_SIX A_SIX
        A_PAD, __A_MAX };
      #define A_MAX (__A_MAX - 1)
      enum named { B = SECOND, C };
      struct not_read { int D; };`);
    expect(Object.fromEntries(constants)).toMatchObject({ FIRST: 16, SECOND: 20, A_ONE: 1, A_FIVE: 5, A_SIX: 6, __A_MAX: 8, B: 20, C: 21 });
    expect([...attributesOf({ enums, constants })]).toEqual([
      ['A_ONE', 1],
      ['A_FIVE', 5],
      ['A_SIX', 6],
    ]);
  });
});

const policies = join(facts, 'policy.json');
describe.skipIf(!existsSync(policies))('the tables of constants beside the tree', () => {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(facts, name), 'utf8'));

  test('every constant has its number', () => {
    const tables = read('uapi.json') as Record<string, { values: Record<string, number> }>;
    const known = new Map(Object.values(tables).flatMap(({ values }) => Object.entries(values)));
    expect(compare(known).wrong).toEqual([]);
  });

  test('every attribute is of the kind that the kernel accepts', () => {
    const { policies: table } = Object(read('policy.json')) as { policies: Record<string, Record<string, string[]>> };
    const wrong = declared.flatMap(({ constant, codec, module }) => {
      const kinds = Object.keys(table[constant] ?? {});
      if (kinds.length === 0 || constant in otherKinds || kinds.some((kind) => fits(codec, kind))) return [];
      return `${constant} is ${kinds.join(' or ')}, and ${codec.label} (${leastPayload(codec)} bytes) in src/${module}`;
    });
    expect(wrong).toEqual([]);
  });

  test('no exception is for an attribute that no schema has', () => {
    for (const constant of [...Object.keys(otherKinds), ...Object.keys(otherNumbers)]) expect(names).toContain(constant);
  });
});

/** What the schemas say otherwise than a table of constants, and how many of them the table has. */
function compare(table: ReadonlyMap<string, number>): { known: number; wrong: string[] } {
  const attributes = declared.map(({ constant, type, module }): NamedNumber => ({ constant, value: type, module }));
  const known = [...numbers, ...attributes].filter(({ constant }) => table.has(constant));
  const wrong = known.filter(({ constant, value }) => table.get(constant) !== value && !(constant in otherNumbers));
  return {
    known: known.length,
    wrong: [
      ...new Set(wrong.map(({ constant, value, module }) => `${constant} is ${table.get(constant)}, not ${value} as src/${module} says`)),
    ],
  };
}
