/**
 * Kinds of links that Debian's kernels do not build, or that come with hardware: whether or not the kernel takes it, what netloom sends for
 * one is held against what ip(8) sends.
 */
import { afterAll, beforeAll, expect } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { type CreateLink, open, type RtnlClient } from '../../src/rtnl/index.ts';
import { runBatch } from '../support/batch.ts';
import { capture, expectWhole, type Sent, sentBy } from '../support/capture.ts';
import { type Feature, needs } from '../support/kernel.ts';
import { uniqueName } from '../support/names.ts';
import { attributesOf, sameBody } from '../support/wire.ts';

const name = uniqueName('kb');
let red: netns.Netns;
let rt: RtnlClient;
beforeAll(async () => {
  red = await netns.create(name);
  runBatch(['ip link add v0 type veth peer name v1'], { netns: name });
  rt = await open({ netns: name });
});
afterAll(async () => {
  rt.close();
  await red.delete();
  red.close();
});

type Case = readonly [ip: string, netloom: (rt: RtnlClient) => unknown, ...needs: Feature[]];

const create =
  (link: object) =>
  (rt: RtnlClient): unknown =>
    rt.links.create({ name: 'x0', ...link } as CreateLink);
/** Kinds that are not created: what would be changed is asked of a link of another kind, which refuses it. */
const update =
  (kind: string, data: object) =>
  (rt: RtnlClient): unknown =>
    rt.links.update('v0', { kind, data });

const cases: readonly Case[] = [
  ['ip link add x0 type bareudp dstport 6635 ethertype mpls_uc', create({ kind: 'bareudp', data: { port: 6635, etherType: 'mpls_uc' } })],
  [
    'ip link add x0 type bareudp dstport 6636 ethertype ipv4 srcportmin 4000 multiproto',
    create({ kind: 'bareudp', data: { port: 6636, etherType: 'ip', srcportMin: 4000, multiproto: true } }),
  ],
  [
    'ip link add x0 type amt mode relay relay_port 2269 max_tunnels 7 local 192.0.2.1 dev v0',
    create({ kind: 'amt', data: { mode: 'relay', relayPort: 2269, maxTunnels: 7, local: '192.0.2.1', link: 'v0' } }),
  ],
  [
    'ip link add x0 type amt mode gateway gateway_port 2270 relay_port 2269 discovery 192.0.2.9 local 192.0.2.1 dev v0',
    create({
      kind: 'amt',
      data: { mode: 'gateway', gatewayPort: 2270, relayPort: 2269, discovery: '192.0.2.9', local: '192.0.2.1', link: 'v0' },
    }),
  ],
  ['ip link add link v0 name x0 type rmnet mux_id 5', create({ kind: 'rmnet', link: 'v0', data: { muxId: 5 } })],
  [
    'ip link add link v0 name x0 type rmnet mux_id 6 ingress-deaggregation on ingress-commands off ingress-mapv4-checksum on egress-mapv4-checksum off ingress-mapv5-checksum off egress-mapv5-checksum on',
    create({
      kind: 'rmnet',
      link: 'v0',
      data: {
        muxId: 6,
        flags: {
          ingressDeaggregation: true,
          ingressMapCommands: false,
          ingressMapCksumv4: true,
          egressMapCksumv4: false,
          ingressMapCksumv5: false,
          egressMapCksumv5: true,
        },
      },
    }),
    { ip: '6.11' },
  ],
  ['ip link add link v0 name x0 type virt_wifi', create({ kind: 'virt_wifi', link: 'v0' })],
  ['ip link add x0 parentdev wwan0 type wwan linkid 3', create({ kind: 'wwan', parentDevName: 'wwan0', data: { linkId: 3 } })],
  [
    'ip link add link v0 name x0 type ipoib pkey 0x8001 mode connected umcast 1',
    create({ kind: 'ipoib', link: 'v0', data: { pkey: 0x8001, mode: 'connected', umcast: 1 } }),
  ],
  ['ip link add x0 type pfcp', create({ kind: 'pfcp' })],
  ['ip link add x0 type ovpn', create({ kind: 'ovpn' })],
  ['ip link add x0 type caif', create({ kind: 'caif' })],
  ['ip link add x0 type netdevsim', create({ kind: 'netdevsim' })],
  ['ip link set v0 type dsa conduit v1', update('dsa', { conduit: 'v1' }), { ip: '6.7' }],
  [
    'ip link set v0 type can bitrate 500000 sample-point 0.875 dbitrate 2000000 dsample-point 0.75 fd on listen-only off one-shot on tdcv 20 tdco 10 tdcf 5 tdc-mode manual restart-ms 100 termination 120',
    update('can', {
      bittiming: { bitrate: 500_000, samplePoint: 875 },
      dataBittiming: { bitrate: 2_000_000, samplePoint: 750 },
      ctrlmode: { fd: true, listenOnly: false, oneShot: true, tdcManual: true },
      tdc: { tdcv: 20, tdco: 10, tdcf: 5 },
      restartMs: 100,
      termination: 120,
    }),
  ],
  [
    'ip link set v0 type can tq 125 prop-seg 6 phase-seg1 7 phase-seg2 2 sjw 1 triple-sampling on berr-reporting off presume-ack on fd-non-iso off cc-len8-dlc on loopback on',
    update('can', {
      bittiming: { tq: 125, propSeg: 6, phaseSeg1: 7, phaseSeg2: 2, sjw: 1 },
      ctrlmode: { tripleSampling: true, berrReporting: false, presumeAck: true, fdNonIso: false, ccLen8Dlc: true, loopback: true },
    }),
  ],
  ['ip link set v0 type can restart', update('can', { restart: 1 })],
];

const RTM_NEWLINK = 16;
/** Not the empty one by which iproute2 6.1 asks whether the kernel knows the message at all. */
const isNewLink = ({ type, body }: Sent): boolean => type === RTM_NEWLINK && body.length > 16;

/** IFLA_LINK, IFLA_LINKINFO, IFLA_PARENT_DEV_NAME: what of a link belongs to its kind. */
function ofItsKind(body: Buffer): Buffer {
  const found = attributesOf(body.subarray(16))?.filter(({ type }) => [5, 18, 56].includes(type)) ?? [];
  return Buffer.concat(
    found
      .sort((a, b) => a.type - b.type)
      .flatMap(({ type, payload }) => {
        const header = Buffer.alloc(4);
        header.writeUInt16LE(4 + payload.length, 0);
        header.writeUInt16LE(type, 2);
        return [header, payload, Buffer.alloc(-payload.length & 3)];
      }),
  );
}

for (const [command, netloom, ...features] of cases)
  needs(...features).test(command, async () => {
    const theirs = capture([command], name, { mayBeRefused: true }).filter(isNewLink);
    const ours = (await sentBy(() => netloom(rt))).filter(isNewLink);
    expect(theirs).toHaveLength(1);
    expect(ours).toHaveLength(1);
    expectWhole(theirs[0]!);
    expectWhole(ours[0]!);
    expect(sameBody(ofItsKind(theirs[0]!.body), ofItsKind(ours[0]!.body))).toBeUndefined();
  });
