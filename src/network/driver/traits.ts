/** What tells drivers apart, for whoever need not know more of them. */

export interface DriverTraits {
  /**
   * What an endpoint is recorded on, on the host. `port`: its end of a veth, a port of the network's link. `veth`: the same, and no port. `record`: a bridge that is down
   * and has no ports, since the endpoint itself has nothing on the host.
   */
  readonly host: 'port' | 'veth' | 'record';
  /** Whether packets of endpoints are routed by the host: it has the gateways' addresses then. */
  readonly routed: boolean;
  /** What there is to say besides what all networks have. */
  readonly options: readonly DriverOption[];
  /** Name of the link in the namespace unless one is given. */
  readonly ifname: string;
  /** Whether the link in the namespace may be given a hardware address. */
  readonly mac: boolean;
}

export type DriverOption = 'hairpin' | 'parent' | 'mode' | 'vlanId' | 'user' | 'group' | 'multiQueue';

const record = { host: 'record', routed: false, ifname: 'eth0', mac: true } as const;

export const driverTraits = {
  bridge: { host: 'port', routed: true, options: ['hairpin'], ifname: 'eth0', mac: true },
  ptp: { host: 'veth', routed: true, options: [], ifname: 'eth0', mac: true },
  macvlan: { ...record, options: ['parent', 'mode'] },
  ipvlan: { ...record, options: ['parent', 'mode'], mac: false },
  vlan: { ...record, options: ['parent', 'vlanId'] },
  'host-device': { ...record, options: ['parent'], mac: false },
  dummy: { ...record, options: [] },
  tap: { ...record, options: ['user', 'group', 'multiQueue'] },
  loopback: { ...record, options: [], ifname: 'lo', mac: false },
} as const satisfies Record<string, DriverTraits>;

/** The kinds of networks. */
export type Driver = keyof typeof driverTraits;

export function traitsOf({ driver }: { readonly driver: Driver }): DriverTraits {
  return driverTraits[driver];
}

export function isDriver(name: unknown): name is Driver {
  return typeof name === 'string' && Object.hasOwn(driverTraits, name);
}
