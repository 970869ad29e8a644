/** The attributes of traffic control against the kernel's headers: their numbers, and that none is missing. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Attribute, Declarations } from '../../src/netlink/attributes.ts';
import { tcActionAttributes } from '../../src/rtnl/tc/action/action.ts';
import { bpfActionAttributes } from '../../src/rtnl/tc/action/bpf.ts';
import { connmarkAttributes } from '../../src/rtnl/tc/action/connmark.ts';
import { csumAttributes } from '../../src/rtnl/tc/action/csum.ts';
import { ctAttributes } from '../../src/rtnl/tc/action/ct.ts';
import { ctinfoAttributes } from '../../src/rtnl/tc/action/ctinfo.ts';
import { gactAttributes } from '../../src/rtnl/tc/action/gact.ts';
import { gateAttributes } from '../../src/rtnl/tc/action/gate.ts';
import { mirredAttributes } from '../../src/rtnl/tc/action/mirred.ts';
import { mplsActionAttributes } from '../../src/rtnl/tc/action/mpls.ts';
import { natActionAttributes } from '../../src/rtnl/tc/action/nat.ts';
import { peditAttributes } from '../../src/rtnl/tc/action/pedit.ts';
import { policeAttributes } from '../../src/rtnl/tc/action/police.ts';
import { sampleAttributes } from '../../src/rtnl/tc/action/sample.ts';
import { skbeditAttributes } from '../../src/rtnl/tc/action/skbedit.ts';
import { tunnelKeyAttributes } from '../../src/rtnl/tc/action/tunnel-key.ts';
import { vlanActionAttributes } from '../../src/rtnl/tc/action/vlan.ts';
import { ematchTreeAttributes } from '../../src/rtnl/tc/ematch/tree.ts';
import { bpfFilterAttributes } from '../../src/rtnl/tc/kind/bpf.ts';
import { chokeAttributes } from '../../src/rtnl/tc/kind/choke.ts';
import { codelTime, tickTime } from '../../src/rtnl/tc/kind/coarse-time.ts';
import { etfAttributes } from '../../src/rtnl/tc/kind/etf.ts';
import { flowerAttributes } from '../../src/rtnl/tc/kind/flower.ts';
import { gredAttributes } from '../../src/rtnl/tc/kind/gred.ts';
import { htbAttributes } from '../../src/rtnl/tc/kind/htb.ts';
import { mqprioAttributes } from '../../src/rtnl/tc/kind/mqprio.ts';
import { netemAttributes } from '../../src/rtnl/tc/kind/netem.ts';
import { redAttributes } from '../../src/rtnl/tc/kind/red.ts';
import { etsAttributes } from '../../src/rtnl/tc/kind/rounds.ts';
import { routeFilterAttributes } from '../../src/rtnl/tc/kind/route.ts';
import { sfbAttributes } from '../../src/rtnl/tc/kind/sfb.ts';
import { taprioAttributes } from '../../src/rtnl/tc/kind/taprio.ts';
import { tbfAttributes } from '../../src/rtnl/tc/kind/tbf.ts';
import { classKinds, filterKinds, qdiscKinds } from '../../src/rtnl/tc/kinds.ts';
import { tcAttributes } from '../../src/rtnl/tc/message.ts';
import { cakeTinXstats, cakeXstats } from '../../src/rtnl/tc/xstats/cake.ts';

const facts = new URL('../../../shared/facts/uapi.json', import.meta.url);
const headers = existsSync(facts) ? (JSON.parse(readFileSync(facts, 'utf8')) as Record<string, { values: Record<string, number> }>) : {};

/** Those of a header below `linux/`. */
const valuesOf = (header: string): Record<string, number> => headers[`linux/${header}`]!.values;

/** Attributes that netloom keeps as bytes in `unknown`, but for those with a word of their own. */
const left: Record<string, readonly string[]> = {
  // the elements of another nest
  TCA_ETS: ['QUANTA_BAND'],
  TCA_FLOWER: [
    'KEY_ENC_OPTS',
    'KEY_ENC_OPTS_MASK',
    'KEY_CT_LABELS',
    'KEY_CT_LABELS_MASK',
    'KEY_MPLS_OPTS',
    'KEY_CFM',
    'KEY_ENC_FLAGS',
    'KEY_ENC_FLAGS_MASK',
  ],
};

/** `last`: the last of the set, where no constant ending in MAX says it. */
const sets: readonly (readonly [prefix: string, set: object, header: string, last?: string])[] = [
  ['TCA', tcAttributes, 'rtnetlink.h'],
  ['TCA_ACT', tcActionAttributes, 'pkt_cls.h', 'TCA_ACT_IN_HW_COUNT'],
  ['TCA_ACT_BPF', bpfActionAttributes, 'tc_act/tc_bpf.h'],
  ['TCA_CONNMARK', connmarkAttributes, 'tc_act/tc_connmark.h'],
  ['TCA_CSUM', csumAttributes, 'tc_act/tc_csum.h'],
  ['TCA_CT', ctAttributes, 'tc_act/tc_ct.h'],
  ['TCA_CTINFO', ctinfoAttributes, 'tc_act/tc_ctinfo.h'],
  ['TCA_PEDIT', peditAttributes, 'tc_act/tc_pedit.h', 'TCA_PEDIT_KEYS_EX'],
  ['TCA_GACT', gactAttributes, 'tc_act/tc_gact.h'],
  ['TCA_GATE', gateAttributes, 'tc_act/tc_gate.h'],
  ['TCA_MIRRED', mirredAttributes, 'tc_act/tc_mirred.h'],
  ['TCA_MPLS', mplsActionAttributes, 'tc_act/tc_mpls.h'],
  ['TCA_NAT', natActionAttributes, 'tc_act/tc_nat.h'],
  ['TCA_POLICE', policeAttributes, 'pkt_cls.h'],
  ['TCA_SAMPLE', sampleAttributes, 'tc_act/tc_sample.h'],
  ['TCA_SKBEDIT', skbeditAttributes, 'tc_act/tc_skbedit.h'],
  ['TCA_TUNNEL_KEY', tunnelKeyAttributes, 'tc_act/tc_tunnel_key.h'],
  ['TCA_VLAN', vlanActionAttributes, 'tc_act/tc_vlan.h'],
  ['TCA_BASIC', filterKinds['basic']!, 'pkt_cls.h'],
  ['TCA_BPF', bpfFilterAttributes, 'pkt_cls.h'],
  ['TCA_CGROUP', filterKinds['cgroup']!, 'pkt_cls.h'],
  ['TCA_FLOW', filterKinds['flow']!, 'pkt_cls.h'],
  ['TCA_FLOWER', flowerAttributes, 'pkt_cls.h', 'TCA_FLOWER_MAX'],
  ['TCA_FW', filterKinds['fw']!, 'pkt_cls.h'],
  ['TCA_MATCHALL', filterKinds['matchall']!, 'pkt_cls.h'],
  ['TCA_ROUTE4', routeFilterAttributes, 'pkt_cls.h'],
  ['TCA_U32', filterKinds['u32']!, 'pkt_cls.h'],
  ['TCA_CAKE', qdiscKinds['cake']!, 'pkt_sched.h'],
  ['TCA_CAKE_STATS', cakeXstats, 'pkt_sched.h'],
  ['TCA_CAKE_TIN_STATS', cakeTinXstats, 'pkt_sched.h'],
  ['TCA_CHOKE', chokeAttributes, 'pkt_sched.h'],
  ['TCA_CODEL', qdiscKinds['codel']!, 'pkt_sched.h'],
  ['TCA_DUALPI2', qdiscKinds['dualpi2']!, 'pkt_sched.h'],
  ['TCA_EMATCH_TREE', ematchTreeAttributes, 'pkt_cls.h'],
  ['TCA_ETF', etfAttributes, 'pkt_sched.h'],
  ['TCA_ETS', etsAttributes, 'pkt_sched.h', 'TCA_ETS_PRIOMAP'],
  ['TCA_FQ', qdiscKinds['fq']!, 'pkt_sched.h'],
  ['TCA_FQ_CODEL', qdiscKinds['fq_codel']!, 'pkt_sched.h'],
  ['TCA_FQ_PIE', qdiscKinds['fq_pie']!, 'pkt_sched.h'],
  ['TCA_GRED', gredAttributes, 'pkt_sched.h'],
  ['TCA_HHF', qdiscKinds['hhf']!, 'pkt_sched.h'],
  ['TCA_HTB', htbAttributes, 'pkt_sched.h'],
  ['TCA_MQPRIO', mqprioAttributes, 'pkt_sched.h'],
  ['TCA_NETEM', netemAttributes, 'pkt_sched.h'],
  ['TCA_PIE', qdiscKinds['pie']!, 'pkt_sched.h'],
  ['TCA_RED', redAttributes, 'pkt_sched.h'],
  ['TCA_SFB', sfbAttributes, 'pkt_sched.h'],
  ['TCA_TAPRIO_ATTR', taprioAttributes, 'pkt_sched.h'],
  ['TCA_TBF', tbfAttributes, 'pkt_sched.h'],
  ['TCA_DRR', classKinds['drr']!, 'pkt_sched.h'],
  ['TCA_QFQ', classKinds['qfq']!, 'pkt_sched.h'],
];

describe.runIf(existsSync(facts))('attributes', () => {
  test.each(sets.map(([prefix, set, header, last = `${prefix}_MAX`]) => ({ prefix, set, header, last })))(
    '$prefix_* have the numbers of the headers, and none is missing',
    ({ prefix, set, header, last }) => {
      const values = valuesOf(header);
      const declared = Object.values((set as { declarations: Declarations }).declarations) as Attribute<unknown>[];
      for (const { constant, type } of declared) expect(values[constant], constant).toBe(type);
      const wanted = Array.from({ length: values[last]! }, (_, i) => i + 1);
      const has = new Set([...declared.map(({ type }) => type), ...(left[prefix] ?? []).map((name) => values[`${prefix}_${name}`]!)]);
      const names = Object.entries(values);
      const missing = wanted.filter((type) => !has.has(type));
      expect(
        missing.map((type) => names.filter(([name, value]) => value === type && name.startsWith(`${prefix}_`)).map(([name]) => name)),
      ).toEqual(missing.map(() => expect.arrayContaining([expect.stringMatching(/_PAD$/)])));
    },
  );
});

test('times that the kernel keeps in coarser units are read as what it shows the same for', () => {
  const read = (codec: typeof codelTime, shown: number): number => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(shown);
    return codec.decode(bytes, 0, 4);
  };
  // as net/sched/sch_fq_codel.c and sch_pie.c reckon
  const [codel, ticks] = [10, 6].map((shift) => (said: number) => Math.trunc((Math.trunc((said * 1000) / 2 ** shift) * 2 ** shift) / 1000));
  for (let said = 0; said < 20_000; said += 97) {
    expect(codel!(read(codelTime, codel!(said)))).toBe(codel!(said));
    expect(ticks!(read(tickTime, ticks!(said)))).toBe(ticks!(said));
  }
  expect(read(codelTime, 4999)).toBe(5000);
});
