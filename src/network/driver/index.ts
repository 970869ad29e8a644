/** The drivers, by name. */
import { bridgeDriver } from './bridge.ts';
import type { NetworkDriver } from './driver.ts';
import { dummyDriver } from './dummy.ts';
import { hostDeviceDriver } from './host-device.ts';
import { ipvlanDriver } from './ipvlan.ts';
import { loopbackDriver } from './loopback.ts';
import { macvlanDriver } from './macvlan.ts';
import { ptpDriver } from './ptp.ts';
import { tapDriver } from './tap.ts';
import type { Driver } from './traits.ts';
import { vlanDriver } from './vlan.ts';

const drivers: Readonly<Record<Driver, NetworkDriver>> = {
  bridge: bridgeDriver,
  ptp: ptpDriver,
  macvlan: macvlanDriver,
  ipvlan: ipvlanDriver,
  vlan: vlanDriver,
  'host-device': hostDeviceDriver,
  dummy: dummyDriver,
  tap: tapDriver,
  loopback: loopbackDriver,
};

export function driverOf({ driver }: { readonly driver: Driver }): NetworkDriver {
  return drivers[driver];
}
