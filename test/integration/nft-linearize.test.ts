/** The bytecode of statements, against what `nft --debug=netlink` makes of the same text. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { parsePrefix } from '../../src/netlink/address.ts';
import {
  type CtState,
  counter,
  explain,
  type Family,
  masqueradeStatement,
  matchAddress,
  matchCtState,
  matchInterface,
  matchL4Protocol,
  RuleBuilder,
  verdict,
} from '../../src/nft/index.ts';

/** The expressions nft makes of a rule, and the elements of the anonymous sets it brings. */
function oracle(family: Family, text: string): { bytecode: string[]; elements: string[] } {
  const base = text.includes('masquerade') ? 'type nat hook postrouting priority srcnat;' : '';
  const script = `table ${family} t {\n chain d {\n }\n chain c {\n ${base}\n ${text}\n }\n}\n`;
  const output = execFileSync('nft', ['--debug=netlink', '-c', '-f', '-'], { input: script, encoding: 'utf8' });
  const lines = output.split('\n');
  return {
    bytecode: lines.filter((line) => line.startsWith('  [')).map((line) => line.trim()),
    elements: lines.filter((line) => line.startsWith('\telement')).flatMap((line) => line.split('\t').filter((part) => part !== '')),
  };
}

/** Elements as nft's trace prints them. */
function elementsOf(rule: RuleBuilder): string[] {
  return rule.sets.flatMap((set) =>
    set.elements.map(({ key, flags, userdata }) => {
      const words: string[] = [];
      const bytes = key as Uint8Array;
      for (let at = 0; at < bytes.length; at += 4) {
        words.push([3, 2, 1, 0].map((i) => (bytes[at + i] ?? 0).toString(16).padStart(2, '0')).join(''));
      }
      return `element ${words.join(' ')}  : ${flags?.includes('interval-end') === true ? 1 : 0} [end]${
        userdata === undefined
          ? ''
          : `  userdata = { ${userdata
              .flatMap(({ type, data }) => [type, data.length, ...data])
              .map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`)
              .join('')} }`
      }`;
    }),
  );
}

type Make = (rule: RuleBuilder) => void;
const prefixes = (...texts: string[]) => texts.map(parsePrefix);

const cases: [Family, string, Make][] = [];
const add = (families: readonly Family[], text: string, make: Make): void => {
  for (const family of families) cases.push([family, text, make]);
};

for (const length of [0, 1, 7, 8, 9, 15, 16, 20, 24, 25, 31, 32]) {
  add(['ip', 'inet', 'bridge', 'netdev'], `ip saddr 128.0.0.0/${length} accept`.replace('128.0.0.0/0 ', '0.0.0.0/0 '), (rule) => {
    matchAddress(rule, 'saddr', parsePrefix(`${length === 0 ? '0.0.0.0' : '128.0.0.0'}/${length}`));
    verdict(rule, 'accept');
  });
}
for (const length of [0, 3, 8, 48, 61, 64, 127, 128]) {
  add(['ip6', 'inet'], `ip6 daddr != ${length === 0 ? '::' : 'e000::'}/${length} drop`, (rule) => {
    matchAddress(rule, 'daddr', parsePrefix(`${length === 0 ? '::' : 'e000::'}/${length}`), 'neq');
    verdict(rule, 'drop');
  });
}
add(['ip', 'inet'], 'ip saddr 10.0.0.0/24 ip daddr != 10.0.0.0/8 counter', (rule) => {
  matchAddress(rule, 'saddr', parsePrefix('10.0.0.0/24'));
  matchAddress(rule, 'daddr', parsePrefix('10.0.0.0/8'), 'neq');
  counter(rule);
});
add(['ip', 'inet'], 'ip daddr { 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 } accept', (rule) => {
  matchAddress(rule, 'daddr', prefixes('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'));
  verdict(rule, 'accept');
});
add(['ip'], 'ip daddr != { 0.0.0.0/8, 224.0.0.0/3 } accept', (rule) => {
  matchAddress(rule, 'daddr', prefixes('0.0.0.0/8', '224.0.0.0/3'), 'neq');
  verdict(rule, 'accept');
});
add(['ip6'], 'ip6 saddr { fc00::/7, fe80::/10 } accept', (rule) => {
  matchAddress(rule, 'saddr', prefixes('fe80::/10', 'fc00::/7'));
  verdict(rule, 'accept');
});
add(['ip', 'inet', 'ip6'], 'iifname "eth0" oifname != "a-fifteen-long-" accept', (rule) => {
  matchInterface(rule, 'iifname', 'eth0');
  matchInterface(rule, 'oifname', 'a-fifteen-long-', 'neq');
  verdict(rule, 'accept');
});
add(['inet'], 'iifname "veth*" oifname != "abcdefgh*" drop', (rule) => {
  matchInterface(rule, 'iifname', 'veth*');
  matchInterface(rule, 'oifname', 'abcdefgh*', 'neq');
  verdict(rule, 'drop');
});
add(['ip', 'inet', 'bridge'], 'meta l4proto tcp accept', (rule) => {
  matchL4Protocol(rule, 'tcp');
  verdict(rule, 'accept');
});
add(['inet'], 'meta l4proto { tcp, udp, 132 } jump d', (rule) => {
  matchL4Protocol(rule, ['tcp', 'udp', 132]);
  verdict(rule, 'jump', 'd');
});
add(['inet'], 'meta l4proto != { tcp, udp } goto d', (rule) => {
  matchL4Protocol(rule, ['tcp', 'udp'], 'neq');
  verdict(rule, 'goto', 'd');
});
for (const states of [['established'], ['established', 'related'], ['invalid', 'new', 'untracked']] as CtState[][]) {
  add(['ip', 'inet'], `ct state ${states.join(',')} return`, (rule) => {
    matchCtState(rule, states);
    verdict(rule, 'return');
  });
}
add(['ip', 'ip6', 'inet'], 'masquerade', (rule) => masqueradeStatement(rule));
add(['ip', 'ip6'], 'masquerade random,fully-random,persistent', (rule) =>
  masqueradeStatement(rule, { random: true, fullyRandom: true, persistent: true }),
);
add(['ip', 'inet'], 'meta l4proto { tcp, udp } masquerade to :1024-65535 fully-random', (rule) => {
  matchL4Protocol(rule, ['tcp', 'udp']);
  masqueradeStatement(rule, { ports: [1024, 65_535], fullyRandom: true });
});
add(['ip'], 'meta l4proto udp masquerade to :1024', (rule) => {
  matchL4Protocol(rule, 'udp');
  masqueradeStatement(rule, { ports: [1024, 1024] });
});

describe('statements', () => {
  test.each(cases)('%s: %s', (family, text, make) => {
    const rule = new RuleBuilder(family);
    make(rule);
    const expected = oracle(family, text);
    expect(explain(rule.expressions)).toEqual(expected.bytecode);
    expect(elementsOf(rule)).toEqual(expected.elements);
  });

  test('that contradict each other are refused', () => {
    const rule = new RuleBuilder('inet');
    matchAddress(rule, 'saddr', parsePrefix('10.0.0.0/8'));
    expect(() => matchAddress(rule, 'daddr', parsePrefix('fd00::/8'))).toThrow(/a rule cannot match ip and ip6/);
    expect(() => matchAddress(new RuleBuilder('ip6'), 'saddr', parsePrefix('10.0.0.0/8'))).toThrow(/cannot match ip6 and ip/);
    expect(() => matchAddress(new RuleBuilder('arp'), 'saddr', parsePrefix('10.0.0.0/8'))).toThrow(/the family arp/);
    expect(() => new RuleBuilder('ipv4' as never)).toThrow(/^family: /);
  });
});
