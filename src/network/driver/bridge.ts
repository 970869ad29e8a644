import type { IpFamily } from '../../netlink/address.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/message.ts';
import type { Request } from '../../netlink/operation.ts';
import { ask, askAll, askEach, type Outcome, type Program, writeSysctl } from '../../netlink/program.ts';
import { newAddress } from '../../rtnl/address/message.ts';
import { addressWire } from '../../rtnl/address/spec.ts';
import type { LinkRead } from '../../rtnl/link/view.ts';
import { undoing } from '../../rtnl/undo.ts';
import { claimedAddresses, nextRound, type Round, releaseAddresses, roundRequests, settleRound } from '../claim.ts';
import { addressAltName, derivedHardwareAddress } from '../name.ts';
import type { NetworkDefinition } from '../record.ts';
import { createdWith, deleted, setting, unnaming } from '../requests.ts';
import { broadcastOf, gatewaysOf } from '../subnet.ts';
import type { EndpointLinks, EndpointPlace, NetworkDriver } from './driver.ts';
import { madeRoom } from './room.ts';

export const bridgeDriver: NetworkDriver = {
  networkLink({ name, mtu }) {
    // of its own: the kernel gives a bridge the least address of its ports otherwise, and neighbors' caches are wrong each time that changes
    return { kind: 'bridge', address: derivedHardwareAddress('network', name), ...(mtu === undefined ? {} : { mtu }) };
  },

  *completeNetwork(definition, index, subject) {
    const gateways = gatewaysOf(definition.subnets);
    // while its link-local address is on trial, a second or two, a router does not ask for neighbors, and drops what it should forward
    if (gateways.some(({ family }) => family === 'inet6'))
      yield* writeSysctl(`net.ipv6.conf.${definition.link.replaceAll('.', '/')}.accept_dad`, '0');
    yield* ask(setting({ index, up: true }, subject));
    yield* askAll(
      gateways.map(({ gateway, length, family }) => ({
        operation: newAddress,
        flags: NLM_F_CREATE | NLM_F_EXCL,
        value: { ...addressWire({ address: `${gateway}/${length}`, ...broadcastOf({ family, length }), ...nodad(family) }), index },
        expects: 'ack' as const,
        subject: `${gateway}/${length} on ${subject}`,
      })),
    );
  },

  makeLinks: pair,
};

/**
 * One datagram: both ends in one message, the host's a port of the bridge, the other under its final name in the namespace; then what the host's end needs, and the claims of the addresses.
 *
 * The later messages tell the link by its name, so they must not meet one that was there before: where this process does not know that there is none, the link is made first.
 */
function* pair(place: EndpointPlace): Program<EndpointLinks> {
  const { state, plan, link, target, subject, mac, claim } = place;
  const mtu = mtuOf(state.definition);
  const peer = { name: plan.ifname, address: mac, ...mtu, netnsFd: target.fd };
  const wanted = { name: link, kind: 'veth', master: state.index, ...mtu, peer };
  const together = state.poolsRead && !state.present.has(link);
  const round = together ? yield* nextRound(state, claim) : [];
  const rest = together
    ? [...raising({ name: link }, state.definition, subject), ...roundRequests(state, round, { name: link }, subject)]
    : [];
  const [made, ...outcomes] = yield* createdWith(wanted, rest, subject);
  if (!made.ok) {
    yield* takenBack(place, round, outcomes.slice(-round.length));
    yield* madeRoom(place, made.error);
    return yield* pair(place);
  }
  const host = made.value;
  return yield* undoing(raised(place, host, round, together ? outcomes : undefined), function* () {
    yield* deleted(host.index, subject);
    releaseAddresses(state, claimedAddresses(claim));
  });
}

/** Sees to it that the host's end is up. @param outcomes what became of that and of the claims, where the message that made the link asked for them too */
function* raised(
  { state, claim, subject }: EndpointPlace,
  host: LinkRead,
  round: Round,
  outcomes: Outcome<unknown>[] | undefined,
): Program<EndpointLinks> {
  const raisings =
    outcomes === undefined
      ? yield* askEach(raising({ index: host.index }, state.definition, subject))
      : outcomes.splice(0, outcomes.length - round.length);
  settleRound(state, claim, round, outcomes ?? []);
  for (const outcome of raisings) if (!outcome.ok && !lacksIpv6(outcome.error)) throw outcome.error;
  return { host, index: host.link! };
}

/**
 * Up, but without a link-local address: nobody talks to a port of a bridge by its own address, and with hundreds of them the kernel spends more on these addresses, their
 * announcements and their routes than on all the rest. Two messages, since older kernels look at what one says about addresses after they have set the link up.
 */
function raising(which: { name: string } | { index: number }, { hairpin }: NetworkDefinition, subject: string): Request<unknown, 'ack'>[] {
  const port = hairpin === true ? { port: { kind: 'bridge', data: { hairpin: true } } } : {};
  return [setting({ inet6: { addrGenMode: 'none' }, ...which }, subject), setting({ up: true, ...which, ...port }, subject)];
}

const lacksIpv6 = (error: Error): boolean => (error as NodeJS.ErrnoException).code === 'EAFNOSUPPORT';

/** Takes back what was claimed for a link of this name that was there before, made by somebody else meanwhile. */
function* takenBack({ state, link, subject }: EndpointPlace, round: Round, outcomes: readonly Outcome<unknown>[]): Program<void> {
  const taken = round.filter((_, i) => outcomes[i]!.ok).map(({ address }) => addressAltName(state.definition.name, address));
  if (taken.length === 0) return;
  const undone = yield* askEach(taken.map((altName) => unnaming({ name: link }, altName, subject)));
  for (const outcome of undone) if (!outcome.ok) throw outcome.error;
}

/** Nobody else has the address: asking around would take a second. */
function nodad(family: IpFamily): { flags?: ['nodad'] } {
  return family === 'inet6' ? { flags: ['nodad'] } : {};
}

function mtuOf({ mtu }: NetworkDefinition): { mtu?: number } {
  return mtu === undefined ? {} : { mtu };
}
