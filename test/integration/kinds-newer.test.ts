/** Settings of kinds that are newer than the ip(8) of most machines, on kernels that have them: the kernel itself says what it was told. */
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { type Bridge, type BridgePort, type CreateLink, open, type RtnlClient, type Vxlan } from '../../src/rtnl/index.ts';
import { needs } from '../support/kernel.ts';
import { uniqueName } from '../support/names.ts';

const name = uniqueName('kn');
let space: netns.Netns;
let rt: RtnlClient;
beforeAll(async () => {
  space = await netns.create(name);
  rt = await open({ netns: name });
});
afterEach(async () => {
  for (const link of ['x0', 'v0', 'br0']) await rt.links.ensureAbsent(link);
});
afterAll(async () => {
  rt.close();
  await space.delete();
  space.close();
});

const vxlans: readonly (readonly [since: string, what: string, data: Vxlan, changed?: Vxlan])[] = [
  ['6.5', 'localbypass', { localbypass: false }, { localbypass: true }],
  ['6.8', 'labelPolicy', { labelPolicy: 'inherit', remote6: '2001:db8::1' }],
  ['6.14', 'reservedBits', { reservedBits: { flags: 0x00ff_ffff, vni: 0xff } }],
];
for (const [since, what, data, changed] of vxlans)
  needs({ kind: 'vxlan' }, { kernel: { atLeast: since, why: `${what} of a VXLAN` } }).test(`${what} of a VXLAN`, async () => {
    const common: Vxlan = { id: 5, port: 4789, ...(data.remote6 === undefined ? { remote: '192.0.2.1' } : { remote6: data.remote6 }) };
    const spec: CreateLink = { kind: 'vxlan', name: 'x0', data: { ...common, ...data } };
    const made = await rt.links.create(spec);
    expect(made.data).toMatchObject(data);
    await rt.links.delete('x0');
    const plain = await rt.links.create({ kind: 'vxlan', name: 'x0', data: common });
    expect((plain.data as Vxlan)[what as keyof Vxlan], 'it must not be the default').not.toEqual(data[what as keyof Vxlan]);
    await rt.links.delete('x0');
    // what a listing returned is accepted
    expect((await rt.links.create(made)).data).toEqual(made.data);
    if (changed === undefined) return;
    await rt.links.update('x0', { data: changed });
    expect((await rt.links.get('x0')).data).toMatchObject(changed);
  });

needs({ kind: 'vxlan' }, { kernel: { atLeast: '6.17', why: 'mcRoute of a VXLAN' } }).test(
  'mcRoute of a VXLAN, which is not reported',
  async () => {
    await rt.links.create({ kind: 'vxlan', name: 'x0', data: { id: 5, port: 4789, mcRoute: true } });
    await rt.links.delete('x0');
    // but known: what is no byte is refused
    const wrong = { id: 5, port: 4789, unknown: [{ type: 34, data: new Uint8Array(0) }] };
    await expect(rt.links.create({ kind: 'vxlan', name: 'x0', data: wrong })).rejects.toMatchObject({
      code: 'EINVAL',
      attribute: 'data.mcRoute',
    });
  },
);

const bridges: readonly (readonly [since: string, what: string, data: Bridge])[] = [
  ['6.7', 'fdbMaxLearned', { fdbMaxLearned: 77 }],
  ['5.15', 'multiBoolopt', { multiBoolopt: { noLinklocalLearn: true } }],
  ['6.17', 'fdbLocalVlan0', { multiBoolopt: { fdbLocalVlan0: true } }],
];
for (const [since, what, data] of bridges)
  needs({ kernel: { atLeast: since, why: `${what} of a bridge` } }).test(`${what} of a bridge`, async () => {
    const made = await rt.links.create({ kind: 'bridge', name: 'br0', data });
    expect(made.data).toMatchObject(data);
    await rt.links.delete('br0');
    expect((await rt.links.create(made)).data).toMatchObject(data);
  });

const ports: readonly (readonly [since: string, what: string, data: BridgePort])[] = [
  ['6.3', 'mcastMaxGroups', { mcastMaxGroups: 9 }],
  ['6.5', 'neighVlanSuppress', { neighVlanSuppress: true }],
  ['6.6', 'backupNexthopId', { backupNexthopId: 7 }],
];
for (const [since, what, data] of ports)
  needs({ kernel: { atLeast: since, why: `${what} of the port of a bridge` } }).test(`${what} of the port of a bridge`, async () => {
    await rt.links.create({ kind: 'bridge', name: 'br0' });
    const made = await rt.links.create({ kind: 'veth', name: 'v0', peer: 'v1', master: 'br0', port: { kind: 'bridge', data } });
    expect(made.port).toMatchObject({ kind: 'bridge', data });
    await rt.links.delete('v0');
    expect((await rt.links.create(made)).port).toMatchObject({ kind: 'bridge', data });
  });
