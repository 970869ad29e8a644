/** What can be done with addresses. Source: rtnetlink(7), ip-address(8). */
import { type IpFamily, parsePrefix } from '../../netlink/address.ts';
import { type Listed, type ListOptions, listing, listMembers, messages, streaming } from '../../netlink/dump.ts';
import { InputError, NetlinkError, NotFoundError } from '../../netlink/errors.ts';
import { checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/message.ts';
import { ask, askEach, type CallOptions, type Program } from '../../netlink/program.ts';
import { checkInteger } from '../../netlink/scalar.ts';
import { familyNumber } from '../family.ts';
import { linkNames, rememberedLinkNames } from '../link/names.ts';
import { describeLink, type LinkRef, notFound, resolveLink } from '../link/reference.ts';
import { type Scope, scope } from '../scope.ts';
import { type Address, toAddress } from './address.ts';
import { anycast, multicast } from './groups.ts';
import { type AddressMessage, type AddressMessageInput, type AddressOperation, deleteAddress, getAddress, newAddress } from './message.ts';
import { type AddressOptions, type AddressSpec, addressKey, addressSpec, addressWire } from './spec.ts';

export type { AddressOptions } from './spec.ts';

/** Which addresses to list. */
export interface AddressFilter extends ListOptions {
  /** Only those of this link. */
  dev?: LinkRef;
  /** Default: both. */
  family?: IpFamily;
  /** How far they reach: `global`, `link`, `host`, … Default: all. */
  scope?: Scope;
  /** Only those within this network, or this one address. */
  to?: string;
  /** IPv4: only those with this label. */
  label?: string;
  /** Those of the namespace that has this id here (`ip netns list-id`), read from here. `dev` is then looked up there: give its index. */
  netnsId?: number;
}

const filterMembers = memberNames<Omit<AddressFilter, keyof ListOptions>>({
  dev: true,
  family: true,
  scope: true,
  to: true,
  label: true,
  netnsId: true,
});

/** What says which of several addresses is meant, besides the address. */
export interface AddressSelector extends CallOptions {
  /** The other end, where the address has one. */
  peer?: string;
}

const selectorMembers = memberNames<Omit<AddressSelector, keyof CallOptions>>({ peer: true });

/** @throws InputError */
function selected(address: string | Address, options: AddressSelector | undefined): AddressSpec {
  if (options !== undefined) checkOptions(options, 'options', selectorMembers);
  return addressSpec(address, options);
}

function* listed(filter: AddressFilter = {}): Program<Listed<AddressMessage, Address>> {
  checkOptions(filter, 'filter', filterMembers, listMembers);
  const wanted = filter.scope === undefined ? undefined : inArgument('scope', () => scope.nameOf(scope.valueOf(filter.scope!)));
  const within = filter.to === undefined ? undefined : matcher(filter.to);
  const family = familyNumber(filter.family);
  const { netnsId, dev } = filter;
  if (netnsId !== undefined) {
    inArgument('netnsId', () => checkInteger(netnsId, 0, 0x7fffffff));
    if (typeof dev === 'string') throw new InputError('dev', 'is looked up here, and not in the namespace of `netnsId`: give its index');
  }
  const index = dev === undefined ? undefined : yield* resolveLink(dev, 'dev');
  const namesOf = netnsId === undefined ? rememberedLinkNames() : nameless;
  return {
    ...dumped(family, index, dev ?? '', netnsId),
    keep: (wire) =>
      (filter.family === undefined || wire.family === family) &&
      (index === undefined || wire.index === index) &&
      (filter.label === undefined || wire.label === filter.label),
    *convert(wires) {
      const names = yield* namesOf(wires.map((wire) => wire.index));
      const addresses: Address[] = [];
      for (const wire of wires) {
        const address = toAddress(wire, names.get(wire.index));
        if (address === undefined || (wanted !== undefined && address.scope !== wanted)) continue;
        if (within === undefined || within(address.address)) addresses.push(address);
      }
      return addresses;
    },
    interrupted: filter.interrupted,
  };
}

/** The links of another namespace have their names there. */
// biome-ignore lint/correctness/useYield: a program that asks for nothing
function* nameless(): Program<ReadonlyMap<number, string>> {
  return new Map();
}

function dumped(
  family: number,
  index: number | undefined,
  dev: LinkRef,
  netnsId?: number,
): Omit<Listed<AddressMessage, Address>, 'convert'> {
  const value: AddressMessageInput = { family };
  if (netnsId !== undefined) value.targetNetnsid = netnsId;
  if (index !== undefined) value.index = index;
  return {
    request: { operation: getAddress, flags: 0, value, expects: 'dump', subject: 'addresses' },
    refused: (error) => (index === undefined ? error : notFound(error, dev, 'dev')),
  };
}

/** Whether an address is within a network. */
function matcher(to: string): (address: string) => boolean {
  const network = inArgument('to', () => parsePrefix(to));
  const masked = (bytes: Uint8Array): string => {
    let bits = '';
    for (const byte of bytes) bits += byte.toString(2).padStart(8, '0');
    return bits.slice(0, network.length);
  };
  const wanted = masked(network.bytes);
  return (address) => {
    const { family, bytes } = parsePrefix(address);
    return family === network.family && masked(bytes) === wanted;
  };
}

function* get(link: LinkRef, address: string | Address, options?: AddressSelector): Program<Address> {
  const spec = selected(address, options);
  const { wire } = addressKey(spec);
  const index = yield* resolveLink(link, 'link');
  const found = yield* find(index, wire, link);
  if (found === undefined) throw new NotFoundError('address', `address ${spec.address} on ${describeLink(link)}`, 'ENOENT');
  return toAddress(found, (yield* linkNames([index])).get(index))!;
}

function* find(index: number, key: AddressMessageInput, link: LinkRef): Program<AddressMessage | undefined> {
  for (const wire of yield* messages(dumped(key.family!, index, link))) {
    const same = (wire.local ?? wire.address) === key.local && (wire.address ?? wire.local) === key.address;
    if (same && wire.index === index && wire.prefixLength === key.prefixLength) return wire;
  }
  return undefined;
}

function* change(operation: AddressOperation, flags: number, link: LinkRef, spec: AddressSpec, wire: AddressMessageInput): Program<void> {
  const index = yield* resolveLink(link, 'link');
  const subject = `${spec.address} on ${describeLink(link)}`;
  try {
    yield* ask({ operation, flags, value: { ...wire, index }, expects: 'ack' as const, subject, rename: (path) => renames[path] ?? path });
  } catch (error) {
    throw notFound(error, link, 'link');
  }
}

/** What callers call the attributes whose names differ. */
const renames: Readonly<Record<string, string>> = {
  local: 'address',
  cacheinfo: 'validLifetime',
  index: 'link',
  prefixLength: 'address',
  headerFlags: 'flags',
};

function* create(link: LinkRef, address: string | Address, options?: AddressOptions): Program<void> {
  const spec = addressSpec(address, options);
  yield* change(newAddress, NLM_F_CREATE | NLM_F_EXCL, link, spec, addressWire(spec));
}

function* replace(link: LinkRef, address: string | Address, options?: AddressOptions): Program<void> {
  const spec = addressSpec(address, options);
  yield* change(newAddress, NLM_F_CREATE | NLM_F_REPLACE, link, spec, addressWire(spec));
}

function* update(link: LinkRef, address: string | Address, changes: AddressOptions): Program<void> {
  const spec = addressSpec(address, changes);
  const wire = addressWire(spec);
  // the kernel would add an address that is not there
  yield* get(link, address, spec.peer === undefined ? {} : { peer: spec.peer });
  yield* change(newAddress, NLM_F_REPLACE, link, spec, wire);
}

function* remove(link: LinkRef, address: string | Address, options?: AddressSelector): Program<void> {
  const spec = selected(address, options);
  yield* change(deleteAddress, 0, link, spec, addressKey(spec).wire);
}

function* ensureAbsent(link: LinkRef, address: string | Address, options?: AddressSelector): Program<void> {
  try {
    yield* remove(link, address, options);
  } catch (error) {
    if (error instanceof NotFoundError) return;
    if (!(error instanceof NetlinkError) || error.code !== 'EADDRNOTAVAIL') throw error;
  }
}

function* ensure(link: LinkRef, address: string | Address, options?: AddressOptions): Program<void> {
  const spec = addressSpec(address, options);
  const wire = addressWire(spec);
  try {
    yield* change(newAddress, NLM_F_CREATE | NLM_F_EXCL, link, spec, wire);
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== 'EEXIST') throw error;
    const found = yield* find(yield* resolveLink(link, 'link'), wire, link);
    // the kernel takes an address with another length for another address, but one with another peer for the same
    if (found === undefined) throw error;
    if (differs(wire, found)) yield* change(newAddress, NLM_F_CREATE | NLM_F_REPLACE, link, spec, wire);
  }
}

function differs(wanted: AddressMessageInput, found: AddressMessage): boolean {
  if (wanted.metric !== undefined && wanted.metric !== (found.metric ?? 0)) return true;
  if (wanted.protocol !== undefined && wanted.protocol !== found.protocol) return true;
  if (wanted.cacheinfo === undefined) return false;
  return wanted.cacheinfo.valid !== found.cacheinfo?.valid || wanted.cacheinfo.preferred !== found.cacheinfo.preferred;
}

const list = listing(listed);

function* flush(filter: AddressFilter): Program<number> {
  checkOptions(filter, 'filter', filterMembers, listMembers);
  if (filter.netnsId !== undefined) throw new InputError('netnsId', 'is for reading; open a client in that namespace');
  const found = yield* list(filter);
  const requests = found.map((address) => ({
    operation: deleteAddress,
    flags: 0,
    value: { ...addressKey(address).wire, index: address.index },
    expects: 'ack' as const,
    subject: `${address.address} on link ${address.index}`,
  }));
  for (const outcome of requests.length === 0 ? [] : yield* askEach(requests)) {
    // gone already: with its primary address, or somebody else was faster
    if (!outcome.ok && !['EADDRNOTAVAIL', 'ENODEV'].includes((outcome.error as NodeJS.ErrnoException).code ?? '')) throw outcome.error;
  }
  return found.length;
}

/** The programs of {@link RtnlClient.addresses}. */
export const addressPrograms = {
  /**
   * The addresses of the namespace: of all links, or those that `filter` describes. `dev` and `family` are filtered by the kernel.
   *
   * @throws InputError for a bad filter
   * @throws NotFoundError when `dev` does not exist
   */
  list,

  /** What `list` gives, one by one as the kernel tells of them: in constant memory, however many there are. @throws as `list`, and DumpInterruptedError at its end */
  stream: streaming(listed),

  /**
   * One address of a link.
   *
   * `address` is `10.0.0.1/24`, or what a list returned.
   *
   * @throws NotFoundError `ENODEV` for the link, `ENOENT` for the address
   */
  get,

  /**
   * Adds an address to a link.
   *
   * `address` is `10.0.0.1/24` (without a length: the address alone), or what a list returned.
   *
   * @throws InputError for a bad address or option, before anything is sent
   * @throws NotFoundError when the link does not exist
   * @throws NetlinkError `EEXIST` when the link has the address
   */
  create,

  /** Adds an address to a link, or gives the one it has these lifetimes, metric, protocol and `noprefixroute`. */
  replace,

  /**
   * Changes lifetimes, metric, protocol or `noprefixroute` of an address that the link has.
   *
   * @throws NotFoundError when the link does not have it
   */
  update,

  /**
   * Removes an address from a link.
   *
   * @throws NetlinkError `EADDRNOTAVAIL` when the link does not have it
   */
  delete: remove,

  /**
   * Adds an address unless the link has it. If it has, of lifetimes, metric and protocol those that are given and differ
   * are set; nothing is changed when none does.
   */
  ensure,

  /** Removes an address from a link if it has it. A link that does not exist has none. */
  ensureAbsent,

  /**
   * Removes the addresses that `filter` describes. With an IPv4 address the secondary ones of its network may go too, as
   * net.ipv4.conf.*.promote_secondaries says.
   *
   * @returns how many were there
   */
  flush,

  /**
   * The multicast addresses that links listen to: IPv4 from Linux 6.15 on, and IPv6.
   *
   * @throws InputError for a bad filter, NotFoundError when `dev` does not exist
   * @throws UnsupportedError for a family that is asked for and that the kernel does not tell
   */
  multicast,

  /** The anycast addresses that links listen to: IPv6. @throws InputError for a bad filter, NotFoundError when `dev` does not exist */
  anycast,
} as const;
