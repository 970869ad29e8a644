/** What makes a network of a link, one step after the other. A step that leaves anything which does not go with the link says how it is removed. */
import { type Program, readSysctl, writeSysctl } from '../netlink/program.ts';
import { traitsOf } from './driver/traits.ts';
import { makeRules, removeRules } from './firewall.ts';
import type { NetworkDefinition } from './record.ts';
import { gatewaysOf } from './subnet.ts';

export interface NetworkStep {
  /** Does it; `index` is that of the link. What it refuses makes the whole creation fail, and be undone. */
  create(network: NetworkDefinition, index: number): Program<void>;
  /** Removes what `create` leaves besides the link, whether or not it came to that. */
  remove?(network: string): Program<void>;
}

const forwarding = { inet: 'net.ipv4.ip_forward', inet6: 'net.ipv6.conf.all.forwarding' } as const;

/** Writing it where it is 1 already would make the kernel walk all links, and forget what was set for one of them. */
function* forward(family: keyof typeof forwarding): Program<void> {
  if ((yield* readSysctl(forwarding[family])) !== '1') yield* writeSysctl(forwarding[family], '1');
}

/** It is not undone: others may rely on it by then. */
const forwardingPackets: NetworkStep = {
  *create(network) {
    const { subnets, internal } = network;
    if (!internal && traitsOf(network).routed)
      for (const family of new Set(gatewaysOf(subnets).map((gateway) => gateway.family))) yield* forward(family);
  },
};

const filtering: NetworkStep = { create: makeRules, remove: removeRules };

/** In this order; removed in the reverse one. The record comes after all of them: it is what makes a network of it. */
export const networkSteps: readonly NetworkStep[] = [forwardingPackets, filtering];

/** Removes what the steps have left. */
export function* removeSteps(network: string): Program<void> {
  for (const { remove } of networkSteps.toReversed()) if (remove !== undefined) yield* remove(network);
}
