/** Every constant in src/nft against the kernel's own headers (linux-libc-dev), mechanically. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const headers = ['nf_tables.h', 'nf_tables_compat.h', 'nfnetlink.h'].map((name) => `/usr/include/linux/netfilter/${name}`);
const source = fileURLToPath(new URL('../../src/nft', import.meta.url));

/** Constants that headers of Linux 6.1 lack, which linux-libc-dev of Debian 12 has; later ones are held to them. Read in those of Linux 6.18. */
const newer: ReadonlySet<string> = new Set([
  'NFTA_BITWISE_SREG2',
  'NFTA_DEVICE_NAME',
  'NFTA_DEVICE_PREFIX',
  'NFTA_INNER_NUM',
  'NFTA_INNER_TYPE',
  'NFTA_INNER_FLAGS',
  'NFTA_INNER_HDRSIZE',
  'NFTA_INNER_EXPR',
  'NFTA_SET_TYPE',
  'NFTA_SET_COUNT',
  'NFT_MSG_GETRULE_RESET',
  'NFT_MSG_DESTROYTABLE',
  'NFT_MSG_DESTROYCHAIN',
  'NFT_MSG_DESTROYRULE',
  'NFT_MSG_DESTROYSET',
  'NFT_MSG_DESTROYSETELEM',
  'NFT_MSG_DESTROYOBJ',
  'NFT_MSG_DESTROYFLOWTABLE',
  'NFT_MSG_GETSETELEM_RESET',
]);

/** The members of all enums of a C header. */
function enumMembers(text: string): Map<string, number> {
  const members = new Map<string, number>();
  const plain = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^#.*$/gm, '');
  for (const [, body = ''] of plain.matchAll(/enum\s+\w*\s*\{([^}]*)\}/g)) {
    let next = 0;
    for (const member of body.split(',')) {
      const match = /^\s*(\w+)\s*(?:=\s*(.+?))?\s*$/s.exec(member);
      if (match === null) continue;
      const value =
        match[2] === undefined ? next : Number(match[2].replace(/^\(\s*1\s*<<\s*(\d+)\s*\)$/, (_, bit) => String(1 << Number(bit))));
      if (Number.isNaN(value)) continue;
      members.set(match[1]!, value);
      next = value + 1;
    }
  }
  return members;
}

const present = headers.every((path) => existsSync(path));

describe.skipIf(!present)('constants', () => {
  const known = new Map(headers.flatMap((path) => (present ? [...enumMembers(readFileSync(path, 'utf8'))] : [])));
  const used: [constant: string, value: number][] = [];
  for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const text = readFileSync(`${source}/${name}`, 'utf8');
    for (const [, constant, value] of text.matchAll(
      /(?:attr(?:<\w+>)?|listOf|nftOperation|\[)\(?\s*'((?:NFTA|NFT_MSG|NFNL)_[A-Z0-9_]+)',\s*(\d+)/g,
    ))
      used.push([constant!, Number(value)]);
  }

  test('are found', () => {
    expect(used.length).toBeGreaterThan(200);
    expect(known.get('NFTA_TABLE_USERDATA')).toBe(6);
  });

  test.each(used)('%s is %i', (constant, value) => {
    if (newer.has(constant) && !known.has(constant)) return;
    expect(known.get(constant), constant).toBe(value);
  });
});
