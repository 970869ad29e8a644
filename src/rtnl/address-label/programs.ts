/**
 * What can be done with address labels: the kernel prefers, for a destination, a source address with the same label (RFC 6724).
 * Source: rtnetlink(7), ip-addrlabel(8).
 */
import { formatAddress, parsePrefix } from '../../netlink/address.ts';
import { type Listed, type ListOptions, listing, listMembers, messages, streaming } from '../../netlink/dump.ts';
import { InputError, NetlinkError, NotFoundError } from '../../netlink/errors.ts';
import { checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/message.ts';
import { ask, type CallOptions, type Program } from '../../netlink/program.ts';
import { checkInteger } from '../../netlink/scalar.ts';
import { AF_INET6 } from '../family.ts';
import { linkNames, rememberedLinkNames } from '../link/names.ts';
import { type LinkRef, type Named, notFound, resolveLink } from '../link/reference.ts';
import { linkSaid } from '../named-link.ts';
import { network } from '../route/spec.ts';
import {
  type AddressLabelMessage,
  type AddressLabelMessageInput,
  type AddressLabelOperation,
  deleteAddressLabel,
  getAddressLabel,
  newAddressLabel,
} from './message.ts';

/** The label of a network, as `ip addrlabel` shows it. */
export interface AddressLabel {
  /** An IPv6 network: `fd00::/8`; `::/0` is the label of everything else. */
  prefix: string;
  /** The label: addresses with equal ones are preferred for each other, RFC 6724. */
  label: number;
  /** Name of the link that it is for; left out: any. */
  dev?: string;
  /** Index of that link. */
  devIndex?: number;
}

/** Which label is meant. */
export interface AddressLabelSelector extends CallOptions {
  /** An IPv6 network. */
  prefix: string;
  /** Link that it is for. Default: any. */
  dev?: LinkRef;
  /** Index of that link, where `dev` is not given. */
  devIndex?: number;
  /** Not looked at; there for what a list returns. */
  label?: number;
}

/** A label that shall be. What a list returns is accepted. */
export interface AddressLabelSpec extends AddressLabelSelector {
  /** 0 to 4,294,967,294. */
  label: number;
}

export interface AddressLabelFilter extends ListOptions {
  /** Only labels for this link. */
  dev?: LinkRef;
  /** Only this label. */
  label?: number;
}

export interface AddressLabelLookup extends CallOptions {
  /** Link that the address is on. */
  dev?: LinkRef;
}

const members = memberNames<Omit<AddressLabelSpec, keyof CallOptions>>({ prefix: true, label: true, dev: true, devIndex: true });
const filterMembers = memberNames<Omit<AddressLabelFilter, keyof ListOptions>>({ dev: true, label: true });
const lookupMembers = memberNames<Omit<AddressLabelLookup, keyof CallOptions>>({ dev: true });

/** The kernel takes 0xffffffff for no label. */
const maxLabel = 0xfffffffe;

function toAddressLabel(wire: AddressLabelMessage, names: ReadonlyMap<number, string>): AddressLabel | undefined {
  if (wire.address === undefined || wire.label === undefined) return undefined;
  const label: AddressLabel = { prefix: `${wire.address}/${wire.prefixLength}`, label: wire.label };
  if (wire.index === 0) return label;
  const dev = names.get(wire.index);
  if (dev !== undefined) label.dev = dev;
  label.devIndex = wire.index;
  return label;
}

function indexesOf(wires: readonly AddressLabelMessage[]): number[] {
  return wires.flatMap(({ index }) => (index === 0 ? [] : [index]));
}

const dump: Omit<Listed<AddressLabelMessage, unknown>, 'convert'> = {
  request: { operation: getAddressLabel, flags: 0, value: { family: AF_INET6 }, expects: 'dump', subject: 'address labels' },
};

function* listed(filter: AddressLabelFilter = {}): Program<Listed<AddressLabelMessage, AddressLabel>> {
  checkOptions(filter, 'filter', filterMembers, listMembers);
  if (filter.label !== undefined) inArgument('label', () => checkInteger(filter.label, 0, maxLabel));
  const index = filter.dev === undefined ? undefined : yield* resolveLink(filter.dev, 'dev');
  const namesOf = rememberedLinkNames();
  return {
    ...dump,
    keep: (wire) => (index === undefined || wire.index === index) && (filter.label === undefined || wire.label === filter.label),
    *convert(wires) {
      const names = yield* namesOf(indexesOf(wires));
      return wires.flatMap((wire) => toAddressLabel(wire, names) ?? []);
    },
    interrupted: filter.interrupted,
  };
}

interface Plan {
  readonly wire: AddressLabelMessageInput;
  readonly link: Named | undefined;
}

function* located(spec: AddressLabelSelector): Program<Plan> {
  checkOptions(spec, 'address label', members);
  const { bytes, length } = network(spec.prefix, 'prefix', undefined);
  // as the kernel keeps IPv4 networks
  if (bytes.length === 4) throw new InputError('prefix', 'labels are for IPv6 networks; an IPv4 network is written ::ffff:10.0.0.0/104');
  const link = linkSaid(spec);
  const wire: AddressLabelMessageInput = { family: AF_INET6, prefixLength: length, address: formatAddress(bytes) };
  if (link !== undefined) wire.index = yield* resolveLink(link.ref, link.argument);
  return { wire, link };
}

function* change(operation: AddressLabelOperation, flags: number, { wire, link }: Plan): Program<void> {
  const subject = `${wire.address}/${wire.prefixLength}`;
  try {
    yield* ask({
      operation,
      flags,
      value: wire,
      expects: 'ack' as const,
      subject,
      rename: (path) => (path === 'address' ? 'prefix' : path),
    });
  } catch (error) {
    throw link === undefined ? error : notFound(error, link.ref, link.argument);
  }
}

function* planned(spec: AddressLabelSpec): Program<Plan> {
  checkOptions(spec, 'address label', members);
  inArgument('label', () => checkInteger(spec.label, 0, maxLabel));
  const { wire, link } = yield* located(spec);
  return { wire: { ...wire, label: spec.label }, link };
}

function* create(spec: AddressLabelSpec): Program<void> {
  yield* change(newAddressLabel, NLM_F_CREATE | NLM_F_EXCL, yield* planned(spec));
}

function* replace(spec: AddressLabelSpec): Program<void> {
  yield* change(newAddressLabel, NLM_F_CREATE | NLM_F_REPLACE, yield* planned(spec));
}

function* remove(spec: AddressLabelSelector): Program<void> {
  const { wire, link } = yield* located(spec);
  // the kernel wants to be told a label, and does not look at it
  yield* change(deleteAddressLabel, 0, { wire: { ...wire, label: 0 }, link });
}

function* ensureAbsent(spec: AddressLabelSelector): Program<void> {
  try {
    yield* remove(spec);
  } catch (error) {
    if (error instanceof NotFoundError) return;
    if (!(error instanceof NetlinkError) || error.code !== 'ESRCH') throw error;
  }
}

function* get(spec: AddressLabelSelector): Program<AddressLabel> {
  const { wire } = yield* located(spec);
  const found = yield* stored(wire);
  if (found === undefined) throw new NotFoundError('prefix', `a label of ${wire.address}/${wire.prefixLength}`, 'ESRCH');
  return toAddressLabel(found, yield* linkNames(indexesOf([found])))!;
}

function* stored(wanted: AddressLabelMessageInput): Program<AddressLabelMessage | undefined> {
  for (const wire of yield* messages(dump)) {
    if (wire.address === wanted.address && wire.prefixLength === wanted.prefixLength && wire.index === (wanted.index ?? 0)) return wire;
  }
  return undefined;
}

function* ensure(spec: AddressLabelSpec): Program<void> {
  const plan = yield* planned(spec);
  if ((yield* stored(plan.wire))?.label !== spec.label) yield* change(newAddressLabel, NLM_F_CREATE | NLM_F_REPLACE, plan);
}

function* lookup(address: string, options: AddressLabelLookup = {}): Program<AddressLabel> {
  checkOptions(options, 'options', lookupMembers);
  const { bytes, length } = inArgument('address', () => parsePrefix(address));
  if (bytes.length !== 16 || length !== 128) throw new InputError('address', `expected an IPv6 address, got ${JSON.stringify(address)}`);
  const value: AddressLabelMessageInput = { family: AF_INET6, prefixLength: length, address: formatAddress(bytes) };
  if (options.dev !== undefined) value.index = yield* resolveLink(options.dev, 'dev');
  const wire = yield* ask({ operation: getAddressLabel, flags: 0, value, expects: 'reply' as const, subject: `label of ${address}` });
  return toAddressLabel(wire, yield* linkNames(indexesOf([wire])))!;
}

/** The programs of {@link RtnlClient.addressLabels}. */
export const addressLabelPrograms = {
  /** The labels of networks, or those that `filter` describes. @throws InputError; NotFoundError when `dev` does not exist */
  list: listing(listed),

  /** What `list` gives, one by one as the kernel tells of them: in constant memory, however many there are. @throws as `list`, and DumpInterruptedError at its end */
  stream: streaming(listed),

  /**
   * The label of exactly this network. For that of an address, ask `lookup`.
   *
   * @throws NotFoundError `ESRCH` when it has none
   */
  get,

  /**
   * The label that an address has: that of the longest network it lies in.
   *
   * @throws NetlinkError `ESRCH` when no network that it lies in has one
   */
  lookup,

  /**
   * Gives a network a label.
   *
   * @throws InputError for a bad member, before anything is sent
   * @throws NetlinkError `EEXIST` when it has one
   */
  create,

  /** Gives a network a label, in place of the one that it may have. */
  replace,

  /**
   * Takes the label of a network away.
   *
   * @throws NetlinkError `ESRCH` when it has none
   */
  delete: remove,

  /** Gives a network a label unless it has that one. */
  ensure,

  /** Takes the label of a network away if it has one. */
  ensureAbsent,
} as const;
