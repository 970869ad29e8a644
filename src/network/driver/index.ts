/** The drivers, by name. */
import type { Driver } from '../record.ts';
import { bridgeDriver } from './bridge.ts';
import type { NetworkDriver } from './driver.ts';

const drivers: Readonly<Record<Driver, NetworkDriver>> = { bridge: bridgeDriver };

export function driverOf({ driver }: { readonly driver: Driver }): NetworkDriver {
  return drivers[driver];
}
