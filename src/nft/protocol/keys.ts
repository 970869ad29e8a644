/** Properties of packets and connections that are in no header, as nft(8) names them (META, CONNTRACK, ROUTING EXPRESSIONS …), with the kernel's names and the types of their values. */
import type { ByteOrder, DataTypeName } from '../datatype/data-type.ts';
import type { ExpressionData } from '../expressions/expression.ts';

export interface Property<Key> {
  readonly key: Key;
  readonly type: DataTypeName;
  /** Bytes, where the type does not say. */
  readonly length?: number;
  /** Where it is not that of the type. */
  readonly order?: ByteOrder;
}

const property = <Key, Type extends DataTypeName>(key: Key, type: Type, length?: number, order?: ByteOrder) => ({
  key,
  type,
  ...(length === undefined ? {} : { length }),
  ...(order === undefined ? {} : { order }),
});
type MetaKey = NonNullable<ExpressionData<'meta'>['key']>;
type CtKey = NonNullable<ExpressionData<'ct'>['key']>;
const meta = <Type extends DataTypeName>(key: MetaKey, type: Type, length?: number, order?: ByteOrder) =>
  property(key, type, length, order);
const ct = <Type extends DataTypeName>(key: CtKey, type: Type, length?: number, order?: ByteOrder) => property(key, type, length, order);

export const metaProperties = {
  length: meta('len', 'integer', 4, 'host'),
  protocol: meta('protocol', 'ether_type'),
  nfproto: meta('nfproto', 'nf_proto'),
  l4proto: meta('l4proto', 'inet_proto'),
  priority: meta('priority', 'classid'),
  mark: meta('mark', 'mark'),
  iif: meta('iif', 'iface_index'),
  iifname: meta('iifname', 'ifname'),
  iiftype: meta('iiftype', 'iface_type'),
  iifgroup: meta('iifgroup', 'devgroup'),
  iifkind: meta('iifkind', 'ifname'),
  oif: meta('oif', 'iface_index'),
  oifname: meta('oifname', 'ifname'),
  oiftype: meta('oiftype', 'iface_type'),
  oifgroup: meta('oifgroup', 'devgroup'),
  oifkind: meta('oifkind', 'ifname'),
  skuid: meta('skuid', 'uid'),
  skgid: meta('skgid', 'gid'),
  nftrace: meta('nftrace', 'boolean'),
  rtclassid: meta('rtclassid', 'realm'),
  ibrname: meta('bri_iifname', 'ifname'),
  obrname: meta('bri_oifname', 'ifname'),
  ibrpvid: meta('bri_iifpvid', 'integer', 2, 'host'),
  ibrvproto: meta('bri_iifvproto', 'ether_type'),
  pkttype: meta('pkttype', 'pkt_type'),
  cpu: meta('cpu', 'integer', 4, 'host'),
  cgroup: meta('cgroup', 'integer', 4, 'host'),
  random: meta('prandom', 'integer', 4),
  secpath: meta('secpath', 'boolean'),
  ipsec: meta('secpath', 'boolean'),
  time: meta('time', 'time_date'),
  day: meta('day', 'day'),
  hour: meta('hour', 'hour'),
  sdif: meta('sdif', 'iface_index'),
  sdifname: meta('sdifname', 'ifname'),
} as const;
export type MetaName = keyof typeof metaProperties;

export const ctProperties = {
  state: ct('state', 'ct_state'),
  direction: ct('direction', 'ct_dir'),
  status: ct('status', 'ct_status'),
  mark: ct('mark', 'mark'),
  /** Milliseconds, for the kernel as for netloom. */
  expiration: ct('expiration', 'time', 4),
  helper: ct('helper', 'string', 16),
  l3proto: ct('l3protocol', 'nf_proto'),
  protocol: ct('protocol', 'inet_proto'),
  'proto-src': ct('proto_src', 'inet_service'),
  'proto-dst': ct('proto_dst', 'inet_service'),
  label: ct('label', 'ct_label'),
  packets: ct('packets', 'integer', 8, 'host'),
  bytes: ct('bytes', 'integer', 8, 'host'),
  avgpkt: ct('avgpkt', 'integer', 8, 'host'),
  zone: ct('zone', 'integer', 2, 'host'),
  event: ct('event', 'ct_event'),
  id: ct('id', 'integer', 4),
  'ip saddr': ct('src_ip', 'ipv4_addr'),
  'ip daddr': ct('dst_ip', 'ipv4_addr'),
  'ip6 saddr': ct('src_ip6', 'ipv6_addr'),
  'ip6 daddr': ct('dst_ip6', 'ipv6_addr'),
} as const;
export type CtName = keyof typeof ctProperties;

/** Values of these types are sets of bits. */
export const bitTypes: ReadonlySet<DataTypeName | string> = new Set([
  'tcp_flag',
  'ct_state',
  'ct_status',
  'ct_event',
  'ct_label',
  'bitmask',
]);
