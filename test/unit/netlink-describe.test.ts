/** Datagrams as text: golden texts, what is malformed, acks, capture files, keys. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, describe as suite, test } from 'vitest';
import { attr, attributes } from '../../src/netlink/attributes.ts';
import { type Codec, lazy } from '../../src/netlink/codec.ts';
import { describe } from '../../src/netlink/describe.ts';
import { secret } from '../../src/netlink/described.ts';
import { InputError, MalformedMessageError } from '../../src/netlink/errors.ts';
import { readError } from '../../src/netlink/extack.ts';
import { message, NLM_F_ACK_TLVS, NLM_F_CAPPED, NLM_F_MULTI, writeHeader } from '../../src/netlink/message.ts';
import { messageType, registerMessages } from '../../src/netlink/message-types.ts';
import { u32 } from '../../src/netlink/scalar.ts';
import { fields, named, struct } from '../../src/netlink/struct.ts';
import { bytes, string } from '../../src/netlink/text.ts';
import { fakeAck, fakeDone, fakeMessage } from '../../src/netlink/transport/fake.ts';
import { Writer } from '../../src/netlink/writer.ts';
import { batchBegin, batchEnd } from '../../src/nft/batch.ts';
import '../../src/index.ts';
import { setBridgeLink } from '../../src/rtnl/bridge-link/message.ts';
import { newLink } from '../../src/rtnl/link/operations.ts';
import { getMdb, mdbMessage, newMdb } from '../../src/rtnl/mdb/message.ts';
import { newNexthop } from '../../src/rtnl/nexthop/message.ts';
import { planEncap } from '../../src/rtnl/route/encap/encap.ts';
import { newRoute } from '../../src/rtnl/route/message.ts';
import { captured } from '../fixtures/rtnl/read.ts';
import { pcapngOf, pcapOf } from '../support/capture-file.ts';

const request = (command: string): Buffer => {
  const { type, flags, body } = captured('requests').find((entry) => entry.command === command)!;
  return fakeMessage(7, type, body, flags);
};

suite('messages', () => {
  test('of ip(8), with constants, nests and named header fields', () => {
    expect(describe(request('ip link add va type veth peer name vb'))).toBe(
      `RTM_NEWLINK REQUEST|ACK|EXCL|CREATE seq=7 port=0 length=84
  ifinfomsg: family=unspec type=0 index=0 flags=0 change=0
  IFLA_IFNAME: "va"
  IFLA_LINKINFO
    IFLA_INFO_KIND: "veth"
    IFLA_INFO_DATA
      VETH_INFO_PEER
        ifinfomsg: family=unspec type=0 index=0 flags=0 change=0
        IFLA_IFNAME: "vb"`,
    );
    expect(describe(request('ip link set va up'))).toContain('flags=up change=up');
    expect(describe(request('ip route add 10.4.0.0/16 nexthop via 10.0.0.5 weight 2 nexthop via 10.0.0.6 dev vb'))).toBe(
      `RTM_NEWROUTE REQUEST|ACK|EXCL|CREATE seq=7 port=0 length=72
  rtmsg: family=inet dstLength=16 srcLength=0 tos=0 headerTable=main protocol=boot scope=global type=unicast flags=0
  RTA_DST: 10.4.0.0
  RTA_MULTIPATH
    rtnexthop length=16 flags=0 hops=1 oif=0
      RTA_GATEWAY: 10.0.0.5
    rtnexthop length=16 flags=0 hops=0 oif=3
      RTA_GATEWAY: 10.0.0.6`,
    );
    expect(describe(request('ip address add 10.0.3.1/24 dev vb label vb:x metric 50 noprefixroute'))).toContain('IFA_FLAGS: noprefixroute');
  });

  test('the tunnel of a route, by the attribute that says which', () => {
    const tunnel = planEncap({ type: 'ip6', id: 7, dst: 'fd00::9', hoplimit: 9 }, 'encap');
    const body = newRoute.body.bytes({ family: 2, dst: '10.0.0.0', dstLength: 8, encapType: tunnel.number, encap: tunnel.encode([]) });
    const text = `
  RTA_DST: 10.0.0.0
  RTA_ENCAP_TYPE: ip6
  RTA_ENCAP
    LWTUNNEL_IP6_ID: 7
    LWTUNNEL_IP6_DST: fd00::9
    LWTUNNEL_IP6_HOPLIMIT: 9`;
    expect(describe(fakeMessage(7, newRoute.type, body))).toContain(text);
    // as a path, before the attribute that says which, of an unknown number, and alone
    const encap = tunnel.encode([]);
    const path = newRoute.body.bytes({ family: 2, multipath: [{ oif: 3, encap, encapType: tunnel.number }] });
    expect(describe(fakeMessage(7, newRoute.type, path))).toMatch(/rtnexthop .*\n +RTA_ENCAP\n +LWTUNNEL_IP6_ID: 7\n/);
    for (const given of [{ encap, encapType: 99 }, { encap }])
      expect(describe(fakeMessage(7, newRoute.type, newRoute.body.bytes({ family: 2, ...given })))).toMatch(/RTA_ENCAP: [0-9a-f]{2}/);
    const nexthop = newNexthop.body.bytes({ family: 2, id: 1, encapType: tunnel.number, encap });
    expect(describe(fakeMessage(7, newNexthop.type, nexthop))).toContain('NHA_ENCAP_TYPE: ip6\n  NHA_ENCAP\n    LWTUNNEL_IP6_ID: 7');
  });

  test('of multicast databases: what is asked has another schema than what is told', () => {
    const entry = {
      port: 5,
      state: 1,
      flags: 0,
      vlan: 10,
      address: Buffer.from('ef010101'.padEnd(32, '0'), 'hex'),
      protocol: 0x800,
      pad: Buffer.alloc(2),
    };
    const asked = newMdb.body.bytes({
      family: 7,
      index: 4,
      entry,
      wanted: { mode: 'include', sourceList: { sources: [{ address: '10.0.0.9' }] } },
    });
    const wanted = `
  MDBA_SET_ENTRY
    br_mdb_entry: port=5 state=1 flags=0 vlan=10 address=ef 01 01 01 00 00 00 00 00 00 00 00 00 00 00 00 protocol=2048 pad=00 00
  MDBA_SET_ENTRY_ATTRS
    MDBE_ATTR_GROUP_MODE: include
    MDBE_ATTR_SRC_LIST
      MDBE_SRC_LIST_ENTRY
        MDBE_SRCATTR_ADDRESS: 10.0.0.9`;
    expect(describe(fakeMessage(7, newMdb.type, asked, 0x605))).toContain(wanted);
    const told = mdbMessage.bytes({
      family: 7,
      index: 4,
      mdb: {
        groups: [{ infos: [{ ...entry, timer: 0, sourceList: { sources: [{ address: '10.0.0.9', timer: 200 }] } }] }],
      },
      router: { ports: [] },
    });
    // an announcement, and a part of a listing, which the kernel sends as RTM_GETMDB
    for (const [type, flags] of [
      [newMdb.type, 0],
      [getMdb.type, NLM_F_MULTI],
    ] as const)
      expect(describe(fakeMessage(7, type, told, flags))).toContain(`
  MDBA_MDB
    MDBA_MDB_ENTRY
      MDBA_MDB_ENTRY_INFO
        br_mdb_entry: port=5 state=1 flags=0 vlan=10 address=ef 01 01 01 00 00 00 00 00 00 00 00 00 00 00 00 protocol=2048 pad=00 00
        MDBA_MDB_EATTR_TIMER: 0
        MDBA_MDB_EATTR_SRC_LIST
          MDBA_MDB_SRCLIST_ENTRY
            MDBA_MDB_SRCATTR_ADDRESS: 10.0.0.9
            MDBA_MDB_SRCATTR_TIMER: 200`);
  });

  test('of links: what a bridge has of one is another schema', () => {
    const body = setBridgeLink.body.bytes({ family: 7, index: 3, afSpec: { flags: ['self'], vlanInfo: [{ flags: 6, vid: 10 }] } });
    for (const [type, flags] of [
      [setBridgeLink.type, 5],
      [newLink.type, 0],
    ] as const)
      expect(describe(fakeMessage(7, type, body, flags))).toContain(`
  IFLA_AF_SPEC
    IFLA_BRIDGE_FLAGS: self
    IFLA_BRIDGE_VLAN_INFO: flags=6 vid=10`);
    const port = newLink.body.bytes({
      family: 7,
      name: 'v0',
      mtu: 1500,
      operState: 'up',
      protocolInfo: Buffer.from('0500010003000000', 'hex'),
    });
    expect(describe(fakeMessage(7, newLink.type, port))).toMatch(
      /IFLA_IFNAME: "v0"\n {2}IFLA_MTU: 1500\n {2}IFLA_OPERSTATE: up\n {2}IFLA_PROTINFO\n {4}IFLA_BRPORT_STATE: forwarding$/,
    );
    const general = newLink.body.bytes({ name: 'v0', afSpec: { inet: { conf: { forwarding: 1 } } } });
    expect(describe(fakeMessage(7, setBridgeLink.type, general, 5))).toContain('IFLA_AF_SPEC\n    AF_INET');
  });

  test('of nf_tables: brackets, expressions, data', () => {
    const { rules } = JSON.parse(readFileSync(new URL('../fixtures/nft/rules.json', import.meta.url), 'utf8')) as {
      rules: { rule: string; message: string }[];
    };
    const { message: hex } = rules.find(({ rule }) => rule.endsWith('masquerade persistent'))!;
    const batch = Buffer.concat([
      fakeMessage(1, batchBegin.type, batchBegin.body.bytes({ resId: 10, generation: 5 }), 1),
      fakeMessage(2, 0xa06, Buffer.from(hex, 'hex'), 0xc01),
      fakeMessage(3, batchEnd.type, batchEnd.body.bytes({ resId: 10 }), 1),
    ]);
    const text = describe(batch, { protocol: 'netfilter' });
    expect(text).toMatch(
      /^NFNL_MSG_BATCH_BEGIN REQUEST seq=1 port=0 length=28\n {2}nfgenmsg: family=unspec version=0 resId=10\n {2}NFNL_BATCH_GENID: 5\nNFT_MSG_NEWRULE REQUEST\|CREATE\|APPEND seq=2/,
    );
    expect(text).toContain(`
    NFTA_LIST_ELEM
      NFTA_EXPR_NAME: "cmp"
      NFTA_EXPR_DATA
        NFTA_CMP_SREG: 1
        NFTA_CMP_OP: eq
        NFTA_CMP_DATA
          NFTA_DATA_VALUE: 0a 01
`);
    expect(text).toContain('NFTA_MASQ_FLAGS: persistent');
    expect(describe(batch, { protocol: 12 })).toBe(text);
  });

  test('of every type that an operation has: each is registered, by one line in messages.ts', async () => {
    for (const layer of ['rtnl', 'nft']) {
      const folder = fileURLToPath(new URL(`../../src/${layer}`, import.meta.url));
      for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))) {
        for (const [name, value] of Object.entries((await import(`${folder}/${file}`)) as Record<string, unknown>)) {
          if (typeof value !== 'object' || value === null || !('body' in value && 'reply' in value && 'type' in value)) continue;
          const operation = value as typeof newLink;
          const known = messageType(operation.protocol, operation.type);
          expect(known, `${name} of src/${layer}/${file} is missing in src/${layer}/messages.ts`).toMatchObject({ name: operation.name });
          expect(known?.body, `${name} of src/${layer}/${file} is missing in src/${layer}/messages.ts`).toBeDefined();
        }
      }
    }
  });

  test('without a schema: the name if there is one, and bytes', () => {
    expect(describe(fakeMessage(7, 100, Buffer.from('0102', 'hex'), 0x605))).toBe(
      'RTM_NEWCHAIN REQUEST|ACK|EXCL|CREATE seq=7 port=0 length=18\n  payload: 01 02',
    );
    expect(describe(fakeMessage(7, 999, Buffer.alloc(0), 0x301))).toBe('message type 999 REQUEST|0x300 seq=7 port=0 length=16');
    expect(describe(fakeMessage(7, 999, Buffer.alloc(70)), { maxBytes: 2 })).toContain('payload: 00 00 … (70 bytes)');
    expect(describe(fakeMessage(7, 999, Buffer.alloc(4)), { protocol: 'xfrm' })).toContain('payload: 00 00 00 00');
  });

  test('unknown attributes and ones that do not fit are shown as bytes', () => {
    const body = Buffer.concat([Buffer.alloc(16), Buffer.from('08000983deadbeef', 'hex'), Buffer.from('060004000102', 'hex')]);
    expect(describe(fakeMessage(7, 16, body))).toBe(`RTM_NEWLINK seq=7 port=0 length=46
  ifinfomsg: family=unspec type=0 index=0 flags=0 change=0
  IFLA attribute 777 NESTED: de ad be ef
  IFLA_MTU: 01 02 (expected 4 bytes, found 2)`);
  });

  test('a dump: parts and its end', () => {
    const header = { type: 18, flags: 0x301, sequence: 7, body: Buffer.alloc(16) };
    const text = describe(
      Buffer.concat([
        fakeMessage(7, 18, Buffer.alloc(16), 0x301),
        fakeMessage(7, 16, Buffer.alloc(16), NLM_F_MULTI | 0x10),
        fakeDone(header, 4),
      ]),
    );
    expect(text.split('\n').filter((line) => !line.startsWith('  if'))).toEqual([
      'RTM_GETLINK REQUEST|DUMP seq=7 port=0 length=32',
      'RTM_NEWLINK MULTI|DUMP_INTR seq=7 port=0 length=32',
      'NLMSG_DONE MULTI seq=7 port=0 length=20',
      '  error: -4 EINTR',
    ]);
  });
});

suite('acks', () => {
  const fakeRequest = { type: 16, flags: 5, sequence: 9, body: Buffer.alloc(16) };

  test('success and refusal', () => {
    expect(describe(fakeAck(fakeRequest))).toBe(
      'NLMSG_ERROR CAPPED seq=9 port=0 length=36\n  error: 0\n  of RTM_NEWLINK REQUEST|ACK seq=9 port=0 length=32',
    );
    expect(describe(fakeAck(fakeRequest, 22, { message: 'Invalid VLAN id', offset: 52 }))).toBe(
      `NLMSG_ERROR CAPPED|ACK_TLVS seq=9 port=0 length=64
  error: -22 EINVAL
  NLMSGERR_ATTR_MSG: "Invalid VLAN id"
  NLMSGERR_ATTR_OFFS: 52
  of RTM_NEWLINK REQUEST|ACK seq=9 port=0 length=32`,
    );
  });

  test('with the request copied back, and the attribute that the kernel points at', () => {
    const sent = fakeMessage(9, 16, newLink.body.bytes({ name: 'v0', mtu: 3 }), 5);
    const offset = Buffer.from('0800020028000000', 'hex');
    const errno = Buffer.alloc(4);
    errno.writeInt32LE(-22);
    expect(describe(fakeMessage(9, 2, Buffer.concat([errno, sent, offset]), NLM_F_ACK_TLVS))).toBe(
      `NLMSG_ERROR ACK_TLVS seq=9 port=0 length=76
  error: -22 EINVAL
  NLMSGERR_ATTR_OFFS: 40
  at: mtu
  of RTM_NEWLINK REQUEST|ACK seq=9 port=0 length=48
    ifinfomsg: family=unspec type=0 index=0 flags=0 change=0
    IFLA_IFNAME: "v0"
    IFLA_MTU: 3`,
    );
  });

  // fuzzing found the second, with which the extended ack was looked for before the message
  test.each([0x7fff_ffff, 0x8000_0000, 0xffff_fffd, 0xffff_ffff, 60])('whose request says that it has %i bytes', (length) => {
    const bytes = fakeMessage(7, 2, Buffer.alloc(40), NLM_F_ACK_TLVS);
    bytes.writeInt32LE(-22, 16);
    bytes.writeUInt32LE(length, 20);
    expect(describe(bytes)).toMatch(/^NLMSG_ERROR ACK_TLVS .*\n {2}error: -22 EINVAL\n {2}of message type 0 seq=0 port=0 length=\d+$/);
    expect(readError(bytes, 0, bytes.length, NLM_F_ACK_TLVS)).toEqual({ errno: 22 });
  });

  test('a policy', () => {
    const writer = new Writer();
    writer.append(Buffer.from('deffffff', 'hex'));
    writeHeader(writer.bytes, writer.reserve(16), 16, 16, 5, 9);
    const policy = writer.beginAttribute(0x8004);
    for (const [type, hex] of [
      [1, '04000000'],
      [5, '0001000000000000'],
      [2, 'ffffffffffffffff'],
    ] as const) {
      const at = writer.beginAttribute(type);
      writer.append(Buffer.from(hex, 'hex'));
      writer.endAttribute(at);
    }
    writer.endAttribute(policy);
    expect(describe(fakeMessage(9, 2, writer.copy(), NLM_F_CAPPED | NLM_F_ACK_TLVS))).toContain(
      `error: -34 ERANGE
  NLMSGERR_ATTR_POLICY
    NL_POLICY_TYPE_ATTR_TYPE: u32
    NL_POLICY_TYPE_ATTR_MAX_VALUE_U: 256
    NL_POLICY_TYPE_ATTR_MIN_VALUE_S: -1`,
    );
  });
});

suite('input', () => {
  test('hexadecimal, with blanks and colons', () => {
    const sent = request('ip link set va up');
    const text = describe(sent);
    expect(describe(sent.toString('hex'))).toBe(text);
    expect(describe(`0x${sent.toString('hex').replace(/../g, '$& ')}\n`)).toBe(text);
    expect(describe(sent.toString('hex').replace(/..(?=.)/g, '$&:'))).toBe(text);
  });

  test('nothing at all is nothing', () => expect(describe('')).toBe(''));

  test.each(['abc', 'xy', '12 3'])('%s is no hexadecimal', (text) => expect(() => describe(text)).toThrow(InputError));

  test('of other kinds is refused', () => {
    expect(() => describe(7 as never)).toThrow(InputError);
    expect(() => describe('', { protocol: 'rout' as never })).toThrow(/protocol: "rout" is neither/);
    expect(() => describe('', { maxBytes: -1 })).toThrow(/maxBytes/);
    expect(() => describe('', { protcol: 'generic' } as never)).toThrow(/^protcol: is no option/);
    expect(() => describe('', null as never)).toThrow(InputError);
    expect(() => describe('', { secrets: 1 as never })).toThrow(/secrets/);
  });

  test('cut short: as far as it goes', () => {
    const sent = request('ip link set va up');
    expect(describe(sent.subarray(0, 20))).toBe(`malformed message, expected a length from 16 to 20: ${spaced(sent.subarray(0, 20))}`);
    expect(describe(Buffer.concat([sent, Buffer.from('0102', 'hex')]))).toBe(
      `${describe(sent)}\nmalformed message, expected 16 bytes of struct nlmsghdr: 01 02`,
    );
    const inner = fakeMessage(1, 16, Buffer.concat([Buffer.alloc(16), Buffer.from('ff00030041424344', 'hex')]));
    expect(describe(inner)).toContain('malformed IFLA attribute: expected a length from 4 to 8, found 255: ff 00 03 00 41 42 43 44');
  });
});

const spaced = (of: Uint8Array): string => [...of].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

suite('capture files of nlmon', () => {
  const sent = request('ip link set va up');
  const packets = [
    { protocol: 0, packetType: 7, bytes: sent, seconds: 1_700_000_000, microseconds: 42 },
    { protocol: 12, packetType: 6, bytes: fakeMessage(3, 0xa0f, Buffer.from('00000005', 'hex')), seconds: 1_700_000_001, microseconds: 0 },
  ];
  const text = `# 2023-11-14T22:13:20.000042000Z NETLINK_ROUTE, to the kernel
${describe(sent)}
# 2023-11-14T22:13:21.000000000Z NETLINK_NETFILTER, to user space
NFT_MSG_NEWGEN seq=3 port=0 length=20
  nfgenmsg: family=unspec version=0 resId=5`;

  test.each([true, false])('pcap, little-endian: %s', (littleEndian) => {
    expect(describe(pcapOf(packets, { littleEndian }))).toBe(text);
  });
  test('pcap with nanoseconds', () => {
    expect(describe(pcapOf(packets.slice(0, 1), { nanoseconds: true }))).toBe(
      text.slice(0, text.indexOf('\n# ')).replace('000042000Z', '000000042Z'),
    );
  });
  test.each([true, false])('pcapng, little-endian: %s', (littleEndian) => {
    expect(describe(pcapngOf(packets, { littleEndian }))).toBe(text);
  });
  test('a datagram cut by the snap length', () => {
    const cut = describe(pcapOf([{ ...packets[0]!, length: 100 }]));
    expect(cut).toContain(', 32 of 100 bytes captured');
  });
  test('no datagrams', () => expect(describe(pcapOf([]))).toBe('# no datagrams'));
  test('of another link type', () => {
    expect(() => describe(pcapOf(packets, { linkType: 1 }))).toThrow(/link type 253 \(NETLINK\), found 1/);
    expect(() => describe(pcapngOf(packets, { linkType: 1 }))).toThrow(/link type 253 \(NETLINK\), found 2 others/);
  });
  test('cut short', () => {
    const file = pcapOf(packets);
    for (const length of [20, 30, 45, file.length - 1]) expect(() => describe(file.subarray(0, length))).toThrow(MalformedMessageError);
    const next = pcapngOf(packets);
    for (const length of [20, 30, next.length - 1]) expect(() => describe(next.subarray(0, length))).toThrow(MalformedMessageError);
  });
});

suite('schemas of a user', () => {
  const colors = { nameOf: (value: number) => (value === 1 ? 'red' : value) };
  const header = struct('thing_header', () => ({ color: named(fields.u32, colors) }));
  interface Thing {
    key?: Uint8Array;
    size?: number;
    inner?: Thing;
    name?: string;
  }
  const inner: Codec<Thing> = lazy<Thing>('THING', () => set as Codec<Thing>, 0x8000);
  const set = attributes('THING', () => ({
    key: attr('THING_KEY', 1, secret(bytes)),
    inner: attr('THING_INNER', 2, inner),
    name: attr('THING_NAME', 3, string()),
    code: attr('THING_CODE', 4, secret(u32)),
  }));
  const thing = message('THING', header, set);
  registerMessages(31, () => [{ name: 'THING_NEW', type: 100, body: thing }]);

  test('named header fields', () => {
    expect(describe(fakeMessage(1, 100, thing.bytes({ color: 1 })), { protocol: 31 })).toContain('thing_header: color=red');
    expect(describe(fakeMessage(1, 100, thing.bytes({ color: 2 })), { protocol: 31 })).toContain('thing_header: color=2');
  });

  test('keys are hidden unless asked for', () => {
    const sent = fakeMessage(1, 100, thing.bytes({ key: Buffer.from('c0ffee', 'hex'), code: 77 }));
    const hidden = describe(sent, { protocol: 31 });
    expect(hidden).toContain('THING_KEY: (hidden, 3 bytes)\n  THING_CODE: (hidden, 4 bytes)');
    expect(hidden).not.toMatch(/c0|ff ee|77/);
    expect(describe(sent, { protocol: 31, secrets: true })).toContain('THING_KEY: c0 ff ee\n  THING_CODE: 77');
  });

  test('a type within itself ends', () => {
    let nest = Buffer.alloc(0);
    for (let i = 0; i < 8000; i++) {
      const around = Buffer.alloc(4);
      around.writeUInt16LE(nest.length + 4, 0);
      around.writeUInt16LE(2, 2);
      nest = Buffer.concat([around, nest]);
    }
    const deep = Buffer.concat([Buffer.alloc(4), nest]);
    const decoded = thing.parse(deep) as Thing & { inner?: Thing };
    let levels = 0;
    for (let at: Thing | undefined = decoded; at !== undefined; at = at.inner) levels++;
    expect(levels).toBeGreaterThan(10);
    expect(levels).toBeLessThan(40);
    // what lies deeper is kept as it came
    expect(thing.bytes(decoded)).toEqual(withFlags(deep, levels));
    expect(describe(fakeMessage(1, 100, deep), { protocol: 31 }).split('\n').length).toBeLessThan(50);
    expect(() => thing.locate?.(deep, 0, deep.length, deep.length - 1)).toThrow(MalformedMessageError);
    const cyclic: Thing = {};
    cyclic.inner = cyclic;
    expect(() => thing.bytes(cyclic as never)).toThrow(InputError);
  });

  /** Encoding sets NLA_F_NESTED where it decoded. */
  function withFlags(from: Buffer, levels: number): Buffer {
    const copy = Buffer.from(from);
    for (let i = 0; i < levels - 1; i++) copy.writeUInt16LE(0x8002, 4 + 4 * i + 2);
    return copy;
  }
});

suite('the routes of a table', () => {
  test('every captured message is described attribute by attribute, none as malformed or unknown', () => {
    for (const { type, flags, body } of [...captured('dumps'), ...captured('requests')]) {
      const text = describe(fakeMessage(1, type, body, flags));
      expect(text).not.toMatch(/malformed|attribute \d|expected/);
    }
    expect(newRoute.body.describe).toBeDefined();
  });
});
