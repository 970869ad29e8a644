/** Chooses host ports for those that leave it open: none that a socket of the host's is bound to, and none that the same call names. */
import { NetloomError } from '../../netlink/errors.ts';
import type { Program } from '../../netlink/program.ts';
import { dynamicPorts, firstDynamic, type HostSockets } from './host-sockets.ts';
import type { PortPlan } from './options.ts';

const EADDRINUSE = 98;

function nameOf({ protocol }: PortPlan, port: number): string {
  return `${protocol} ${port}`;
}

export class PortChooser {
  readonly #link: string;
  readonly #sockets: HostSockets;
  readonly #plans: readonly PortPlan[];
  /** Those that are taken, as others have said. */
  readonly #refused = new Set<string>();
  /** How many of the first of each plan's are out of the question for good. */
  readonly #passed = new Map<PortPlan, number>();

  constructor(link: string, sockets: HostSockets, plans: readonly PortPlan[]) {
    this.#link = link;
    this.#sockets = sockets;
    this.#plans = plans;
  }

  /** The plans, with ports that may be free. @throws NetloomError `EADDRINUSE` when none is left */
  *choose(): Program<PortPlan[]> {
    const chosen: PortPlan[] = [];
    const names = new Set<string>();
    for (const plan of this.#plans) {
      const hostPort = plan.hostPort === 0 ? yield* this.#one(plan, names) : plan.hostPort;
      if (plan.hostPort === 0) names.add(nameOf(plan, hostPort));
      chosen.push({ ...plan, hostPort });
    }
    return chosen;
  }

  /** Never to choose again what was chosen for a plan. */
  refuse(chosen: PortPlan): void {
    this.#refused.add(nameOf(chosen, chosen.hostPort));
  }

  *#one(plan: PortPlan, chosen: ReadonlySet<string>): Program<number> {
    const bound = yield* this.#sockets.bound(plan.protocol);
    const { first, last } = plan.range ?? { first: firstDynamic, last: firstDynamic + dynamicPorts - 1 };
    const count = last - first + 1;
    // of all ports other ones for each endpoint, so that they are not in each other's way
    const start = plan.range === undefined ? Number.parseInt(this.#link.slice(-4), 36) % count : 0;
    for (let at = this.#passed.get(plan) ?? 0, isPassed = true; at < count; at++) {
      const port = first + ((start + at) % count);
      const isOut = bound.has(port) || this.#refused.has(nameOf(plan, port)) || this.#isNamed(plan, port);
      if (!isOut && !chosen.has(nameOf(plan, port))) return port;
      isPassed &&= isOut;
      if (isPassed) this.#passed.set(plan, at + 1);
    }
    throw new NetloomError(`${plan.argument}.hostPort: no port of ${plan.protocol} from ${first} to ${last} is free`, 'EADDRINUSE', {
      errno: EADDRINUSE,
    });
  }

  #isNamed({ protocol }: PortPlan, port: number): boolean {
    return this.#plans.some((plan) => plan.protocol === protocol && plan.hostPort <= port && port < plan.hostPort + plan.count);
  }
}
