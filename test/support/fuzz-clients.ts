/** Messages as answers to clients and as notifications to monitors: what comes out is an object or a typed error. */
import { openSync as openConntrack } from '../../src/conntrack/client.ts';
import { conntrackKinds } from '../../src/conntrack/monitor/kinds.ts';
import { NetloomError } from '../../src/netlink/errors.ts';
import { NLM_F_MULTI, NLMSG_HDRLEN, readU16 } from '../../src/netlink/message.ts';
import { KindFeed } from '../../src/netlink/monitor-feed.ts';
import { type FakeRequest, FakeTransport, fakeAck, fakeDone, fakeMessage } from '../../src/netlink/transport/fake.ts';
import { openSync as openNft } from '../../src/nft/client.ts';
import type { SetType } from '../../src/nft/set-definition.ts';
import { openSync as openRtnl } from '../../src/rtnl/client.ts';
import { ifinfomsg } from '../../src/rtnl/link/message.ts';
import { getLink, newLink } from '../../src/rtnl/link/operations.ts';
import { rtnlKinds } from '../../src/rtnl/monitor/kinds.ts';
import { LinkNames } from '../../src/rtnl/monitor/names.ts';

const EOPNOTSUPP = 95;
const NLM_F_DUMP = 0x300;

/** Answers the first dump with a message, and refuses everything else, as a kernel that lacks it. */
function answering(type: number, body: Buffer): FakeTransport {
  let asked = false;
  return new FakeTransport((requests) =>
    requests.flatMap((request: FakeRequest) => {
      if ((request.flags & NLM_F_DUMP) !== NLM_F_DUMP) {
        // what only looks up a name gets one
        const index = request.type === getLink.type ? ifinfomsg.read(request.body, 0).index : 0;
        return [
          index === 0
            ? fakeAck(request, EOPNOTSUPP)
            : fakeMessage(request.sequence, newLink.type, newLink.body.bytes({ index, name: `x${index}` })),
        ];
      }
      if (asked) return [fakeDone(request)];
      asked = true;
      return [fakeMessage(request.sequence, type, body, NLM_F_MULTI), fakeDone(request)];
    }),
  );
}

type Rtnl = ReturnType<typeof openRtnl>;
type Nft = ReturnType<typeof openNft>;
type Conntrack = ReturnType<typeof openConntrack>;

/** What lists the objects of a message type. */
const rtnlLists: Readonly<Record<number, readonly ((client: Rtnl, body: Buffer) => unknown)[]>> = {
  16: [
    (rt) => rt.links.list(),
    (rt) => rt.bridgeMst.list(),
    (rt) => rt.bridgeMrp.list(),
    (rt) => rt.bridgeCfm.list(),
    (rt) => rt.bridgeVlanTunnels.list(),
  ],
  20: [(rt) => rt.addresses.list()],
  24: [(rt) => rt.routes.list()],
  28: [(rt) => rt.neighbors.list(), (rt) => rt.fdb.list()],
  32: [(rt) => rt.rules.list()],
  36: [(rt) => rt.qdiscs.list()],
  40: [(rt, body) => rt.trafficClasses.list({ dev: linkOfTc(body) })],
  44: [(rt, body) => rt.trafficFilters.list({ dev: linkOfTc(body), parent: 'ingress' })],
  48: [(rt) => rt.trafficActions.list({ kind: 'gact' })],
  58: [(rt) => rt.addresses.multicast()],
  62: [(rt) => rt.addresses.anycast()],
  64: [(rt) => rt.neighborTables.list()],
  72: [(rt) => rt.addressLabels.list()],
  80: [(rt) => rt.netconf.list()],
  84: [(rt) => rt.mdb.list()],
  86: [(rt) => rt.mdb.list()],
  88: [(rt) => rt.netnsIds.list()],
  92: [(rt) => rt.stats.list()],
  104: [(rt) => rt.nexthops.list()],
  112: [(rt) => rt.bridgeVlans.list(), (rt) => rt.bridgeVlanGlobals.list()],
  120: [(rt) => rt.vnis.list()],
};
/** tcm_ifindex of struct tcmsg: classes and filters are listed a link at a time. */
function linkOfTc(body: Buffer): number {
  return body.length < 8 ? 0 : body.readInt32LE(4);
}

/** Elements are read as the type of their set says, whatever they are. */
const setTypes: readonly SetType[] = [
  { type: 'ipv4_addr', flags: ['interval'] },
  { type: ['inet_service', 'ipv6_addr'], flags: ['interval'] },
  { type: 'inet_service', map: 'verdict' },
  { type: 'ipv4_addr', map: ['ipv4_addr', 'inet_service'] },
];

/** As above. */
const nftLists: Readonly<Record<number, readonly ((client: Nft) => unknown)[]>> = {
  2560: [(nf) => nf.tables.list()],
  2563: [(nf) => nf.chains.list()],
  2566: [(nf) => nf.rules.list()],
  2569: [(nf) => nf.sets.list({ anonymous: true })],
  2572: setTypes.map((type) => (nf: Nft) => nf.elements.list({ family: 'inet', table: 't', name: 's', ...type })),
  2578: [(nf) => nf.objects.list()],
  2582: [(nf) => nf.flowtables.list()],
};

const conntrackLists: Readonly<Record<number, readonly ((client: Conntrack) => unknown)[]>> = {
  256: [(ct) => ct.flows.list(), (ct) => ct.flows.list({ original: { src: '10.0.0.0/8' }, reply: { dst: '0.0.0.0/0' } })],
  512: [(ct) => ct.expectations.list()],
};

/** @returns how many objects were listed @throws what is neither a value nor a typed error */
function attempt(call: () => unknown): number {
  try {
    return (call() as readonly unknown[]).length;
  } catch (error) {
    if (!(error instanceof NetloomError)) throw error;
    return 0;
  }
}

/** Puts one message, header included, before everything that reads messages of its type for callers. @returns how many objects they got */
export function checkClients(protocol: number, bytes: Buffer): number {
  if (bytes.length < NLMSG_HDRLEN) return 0;
  let objects = 0;
  const type = readU16(bytes, 4);
  const body = bytes.subarray(NLMSG_HDRLEN);
  const transport = (): FakeTransport => answering(type, body);
  for (const list of (protocol === 0 ? rtnlLists[type] : undefined) ?? []) {
    using client = openRtnl({ transport });
    objects += attempt(() => list(client, body));
  }
  for (const list of (protocol === 12 ? nftLists[type] : undefined) ?? []) {
    using client = openNft({ transport });
    objects += attempt(() => list(client));
  }
  for (const list of (protocol === 12 ? conntrackLists[type] : undefined) ?? []) {
    using client = openConntrack({ transport });
    objects += attempt(() => list(client));
  }
  const feed = protocol === 0 ? rtnlFeed : conntrackFeed;
  if (protocol === 0 || protocol === 12)
    feed.accept({ type, flags: 0, bytes, offset: NLMSG_HDRLEN, length: body.length, nsid: undefined }, (event) => {
      if (event.kind !== 'malformed') objects++;
    });
  return objects;
}

const rtnlFeed = new KindFeed({
  kinds: rtnlKinds,
  context: new LinkNames(false),
  initial: false,
  resync: false,
  run: () => Promise.reject(new Error('nothing is asked')),
});

const conntrackFeed = new KindFeed({
  kinds: conntrackKinds,
  context: {},
  initial: false,
  resync: false,
  run: () => Promise.reject(new Error('nothing is asked')),
});
