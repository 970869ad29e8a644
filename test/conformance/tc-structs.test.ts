/** What kinds of traffic control count, read out of the structs of the headers installed here, as the compiler lays them out. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Codec } from '../../src/netlink/codec.ts';
import { classCounters, qdiscCounters } from '../../src/rtnl/tc/xstats/kinds.ts';

const header = '/usr/include/linux/pkt_sched.h';
const folder = mkdtempSync(join(tmpdir(), 'netloom-structs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Case {
  readonly struct: string;
  readonly codec: Codec<object>;
  /** Where the members are within the struct: `qdisc_stats.`. */
  readonly within?: string;
  /** What the struct begins with. */
  readonly begin?: string;
}

const cases: readonly Case[] = [
  { struct: 'tc_red_xstats', codec: qdiscCounters['red']! },
  { struct: 'tc_choke_xstats', codec: qdiscCounters['choke']! },
  { struct: 'tc_sfb_xstats', codec: qdiscCounters['sfb']! },
  { struct: 'tc_codel_xstats', codec: qdiscCounters['codel']! },
  { struct: 'tc_fq_codel_xstats', codec: qdiscCounters['fq_codel']!, within: 'qdisc_stats.', begin: 'v.type = TCA_FQ_CODEL_XSTATS_QDISC;' },
  { struct: 'tc_fq_codel_xstats', codec: classCounters['fq_codel']!, within: 'class_stats.', begin: 'v.type = TCA_FQ_CODEL_XSTATS_CLASS;' },
  { struct: 'tc_fq_qd_stats', codec: qdiscCounters['fq']! },
  { struct: 'tc_pie_xstats', codec: qdiscCounters['pie']! },
  { struct: 'tc_fq_pie_xstats', codec: qdiscCounters['fq_pie']! },
  { struct: 'tc_hhf_xstats', codec: qdiscCounters['hhf']! },
  { struct: 'tc_dualpi2_xstats', codec: qdiscCounters['dualpi2']! },
  { struct: 'tc_htb_xstats', codec: classCounters['htb']! },
  { struct: 'tc_hfsc_stats', codec: classCounters['hfsc']! },
  { struct: 'tc_drr_stats', codec: classCounters['drr']! },
  { struct: 'tc_qfq_stats', codec: classCounters['qfq']! },
  { struct: 'tc_sfq_xstats', codec: classCounters['sfq']! },
];

/** Names that the kernel has in another way: with the unit behind them. */
const renamed: Readonly<Record<string, string>> = { unthrottle_latency: 'unthrottle_latency_ns' };
const fieldOf = (member: string): string => {
  const name = member.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return renamed[name] ?? name;
};
/** Members that are no numbers of the struct: percent, booleans, lists. */
const others = new Set(['prob', 'maxprob', 'avgprob', 'dropping', 'dqRateEstimating', 'bandDrops', 'bandPktCount']);

const text = existsSync(header) ? readFileSync(header, 'utf8') : '';
const compiler = spawnSync('cc', ['--version']).status === 0;
/** The body of a struct in the header, those within it included; absent where the header is older. */
const bodyOf = ({ struct, within }: Case): string | undefined => {
  const name = within === undefined ? struct : { 'qdisc_stats.': 'tc_fq_codel_qd_stats', 'class_stats.': 'tc_fq_codel_cl_stats' }[within]!;
  return new RegExp(`struct ${name} \\{([^}]*)\\}`).exec(text)?.[1];
};
const present = cases.filter((of) => bodyOf(of) !== undefined);

describe.skipIf(!compiler || text === '')('counters', () => {
  test('are where the compiler has them', () => {
    const filled = present.map((of) => {
      const { codec, begin } = of;
      const zeros = new Uint8Array(512);
      if (begin?.includes('CLASS') === true) zeros[0] = 1;
      const members = Object.keys(codec.decode(zeros, 0, zeros.length)).filter((member) => !others.has(member));
      return { ...of, members: members.filter((member) => new RegExp(`\\b${fieldOf(member)}\\s*;`).test(bodyOf(of)!)) };
    });
    const program = filled.map(
      ({ struct, within = '', begin = '', members }) => `{ struct ${struct} v; memset(&v, 0, sizeof v); ${begin}
        ${members.map((member, i) => `v.${within}${fieldOf(member)} = ${1000 + i};`).join(' ')}
        for (unsigned i = 0; i < sizeof v; i++) printf("%02x", ((unsigned char *)&v)[i]); puts(""); }`,
    );
    const source = join(folder, 'structs.c');
    writeFileSync(
      source,
      `#include <stdio.h>\n#include <string.h>\n#include <linux/pkt_sched.h>\nint main(void) {\n${program.join('\n')}\n}\n`,
    );
    const built = spawnSync('cc', ['-o', join(folder, 'structs'), source], { encoding: 'utf8' });
    expect(built.stderr).toBe('');
    const lines = spawnSync(join(folder, 'structs'), { encoding: 'utf8' }).stdout.trim().split('\n');
    expect(lines).toHaveLength(present.length);
    for (const [i, { struct, codec, members }] of filled.entries()) {
      const bytes = Uint8Array.from(Buffer.from(lines[i]!, 'hex'));
      const wanted = Object.fromEntries(members.map((member, at) => [member, 1000 + at]));
      expect(members.length, struct).toBeGreaterThan(0);
      expect(codec.decode(bytes, 0, bytes.length), struct).toMatchObject(wanted);
    }
  });
});
