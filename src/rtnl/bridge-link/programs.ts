/** What can be done with the protocols of a bridge: its spanning trees (MST), its ring redundancy (MRP), its fault management (CFM). */
import { type Listed, type ListOptions, listing, listMembers, streaming } from '../../netlink/dump.ts';
import type { Enumerated } from '../../netlink/enumeration.ts';
import { InputError, NotFoundError } from '../../netlink/errors.ts';
import { checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import { ask, type CallOptions, type Program } from '../../netlink/program.ts';
import { checkInteger, show } from '../../netlink/scalar.ts';
import { AF_BRIDGE } from '../family.ts';
import { rememberedLinkNames } from '../link/names.ts';
import { describeLink, type LinkRef, type Named, notFound, resolveLink } from '../link/reference.ts';
import { linkNeeded } from '../named-link.ts';
import type { Cfm } from './cfm.ts';
import {
  type BridgeAfSpec,
  type BridgeLinkMessage,
  type BridgeLinkMessageInput,
  type BridgeLinkOperation,
  bridgePortState,
  deleteBridgeLink,
  getBridgeLink,
  RTEXT_FILTER_CFM_CONFIG,
  RTEXT_FILTER_CFM_STATUS,
  RTEXT_FILTER_MRP,
  RTEXT_FILTER_MST,
  setBridgeLink,
} from './message.ts';
import type { Mrp, MrpInfo } from './mrp.ts';

/** State of a port in a spanning tree: `disabled`, `listening`, `learning`, `forwarding`, `blocking`. */
export type BridgePortState = Enumerated<typeof bridgePortState.values>;

/** Which links of bridges to list. */
export interface BridgeLinkFilter extends ListOptions {
  /** Only this link: a port, or a bridge. */
  dev?: LinkRef;
}

const filterMembers = memberNames<Omit<BridgeLinkFilter, keyof ListOptions>>({ dev: true });

/** Listings of what links have in IFLA_AF_SPEC: the kernel gives it of all of them. */
function listedOf<T>(
  mask: number,
  objects: (spec: BridgeAfSpec, link: { dev?: string; devIndex: number }) => readonly T[],
): (filter?: BridgeLinkFilter) => Program<Listed<BridgeLinkMessage, T>> {
  return function* (filter: BridgeLinkFilter = {}) {
    checkOptions(filter, 'filter', filterMembers, listMembers);
    const index = filter.dev === undefined ? undefined : yield* resolveLink(filter.dev, 'dev');
    const namesOf = rememberedLinkNames();
    return {
      request: { operation: getBridgeLink, flags: 0, value: { family: AF_BRIDGE, extMask: mask }, expects: 'dump', subject: 'bridges' },
      keep: (wire) => wire.family === AF_BRIDGE && wire.afSpec !== undefined && (index === undefined || wire.index === index),
      *convert(wires) {
        const names = yield* namesOf(wires.map((wire) => wire.index));
        return wires.flatMap((wire) => {
          const dev = names.get(wire.index);
          return objects(wire.afSpec!, dev === undefined ? { devIndex: wire.index } : { dev, devIndex: wire.index });
        });
      },
      interrupted: filter.interrupted,
    };
  };
}

/** Asks a bridge, or the bridge of a port, for something. */
export function* changeBridgeLink(
  operation: BridgeLinkOperation,
  link: Named,
  change: BridgeAfSpec | Pick<BridgeLinkMessageInput, 'port'>,
  subject: string,
  rename?: (path: string) => string,
): Program<void> {
  const index = yield* resolveLink(link.ref, link.argument);
  const said: BridgeLinkMessageInput = 'port' in change ? change : { afSpec: change as BridgeAfSpec };
  const request = { operation, flags: 0, value: { family: AF_BRIDGE, index, ...said }, expects: 'ack' as const, subject };
  try {
    yield* ask(rename === undefined ? request : { ...request, rename });
  } catch (error) {
    throw notFound(error, link.ref, link.argument);
  }
}

/** State of a port in one spanning tree of several. What a list returns is accepted. */
export interface MstState {
  /** Name of the port. */
  dev?: string;
  /** Index of the port. */
  devIndex: number;
  /** Number of the spanning tree, 1 to 4094; 0 is the common one. */
  msti: number;
  /** State of the port in the instance. */
  state: BridgePortState;
}

export interface MstSpec extends CallOptions {
  /** The port. */
  dev?: LinkRef;
  /** Index of the port, where `dev` is not given. */
  devIndex?: number;
  /** Number of the instance. */
  msti: number;
  /** State that the port is to have in it. */
  state: BridgePortState;
}

const mstMembers = memberNames<Omit<MstSpec, keyof CallOptions>>({ dev: true, devIndex: true, msti: true, state: true });

const mstListed = listedOf<MstState>(RTEXT_FILTER_MST, (spec, link) =>
  (spec.mst?.entries ?? []).flatMap(({ msti, state }) => (msti === undefined || state === undefined ? [] : [{ ...link, msti, state }])),
);

function* setMst(spec: MstSpec): Program<void> {
  checkOptions(spec, 'mst', mstMembers);
  const link = linkNeeded(spec);
  inArgument('msti', () => checkInteger(spec.msti, 0, 4094));
  const state = inArgument('state', () => bridgePortState.nameOf(bridgePortState.valueOf(spec.state)));
  // the kernel takes a tree that no VLAN of the port is in without a word
  if (spec.msti !== 0 && !(yield* listing(mstListed)({ dev: link.ref })).some(({ msti }) => msti === spec.msti))
    throw new NotFoundError('msti', `spanning tree ${spec.msti} of ${describeLink(link.ref)}`, 'ENOENT');
  // the kernel keeps the state in the common tree as that of the port
  const change = spec.msti === 0 ? { port: { state } } : { mst: { entries: [{ msti: spec.msti, state }] } };
  const subject = `spanning tree ${spec.msti} of ${describeLink(link.ref)}`;
  yield* changeBridgeLink(
    setBridgeLink,
    link,
    change,
    subject,
    (path) => path.replace(/^port\.|^afSpec\.mst\.entries(\[\d+\]\.?)?/, '') || 'msti',
  );
}

/** The programs of {@link RtnlClient.bridgeMst}. */
export const bridgeMstPrograms = {
  /** The states of ports in the spanning trees of bridges that have several (`mst_enable`). */
  list: listing(mstListed),
  /** What `list` gives, one by one as the kernel tells of them: in constant memory, however many there are. @throws as `list`, and DumpInterruptedError at its end */
  stream: streaming(mstListed),
  /**
   * Sets the state of a port in a spanning tree.
   *
   * @throws InputError for a bad member, before anything is sent
   * @throws NotFoundError `ENOENT` when no VLAN of the port is in the tree, or the bridge has but one (`mst_enable`)
   */
  set: setMst,
} as const;

/** A ring that a bridge is part of. */
export interface MrpRing extends MrpInfo {
  /** Name of the bridge. */
  dev?: string;
  /** Index of the bridge. */
  devIndex: number;
}

const mrpListed = listedOf<MrpRing>(RTEXT_FILTER_MRP, (spec, link) => (spec.mrp?.info ?? []).map((info) => ({ ...link, ...info })));

/** What is asked of MRP or CFM, with the link it is asked of. */
function* applied(dev: LinkRef, request: object, argument: 'mrp' | 'cfm', options: CallOptions): Program<void> {
  checkOptions(options, 'options', new Set());
  if (typeof request !== 'object' || request === null || Object.values(request).every((member) => member === undefined))
    throw new InputError('request', `expected what to ask for, got ${show(request)}`, 'ERR_INVALID_ARG_TYPE');
  const link = { ref: dev, argument: 'dev' };
  const subject = `${argument} of ${describeLink(dev)}`;
  yield* changeBridgeLink(setBridgeLink, link, { [argument]: request }, subject, (path) => path.replace(/^afSpec\.(mrp|cfm)/, 'request'));
}

function* applyMrp(dev: LinkRef, request: Omit<Mrp, 'info'>, options: CallOptions = {}): Program<void> {
  yield* applied(dev, request, 'mrp', options);
}

function* deleteMrp(dev: LinkRef, ringId: number, options: CallOptions = {}): Program<void> {
  inArgument('ringId', () => checkInteger(ringId, 0, 0xffffffff));
  checkOptions(options, 'options', new Set());
  const afSpec: BridgeAfSpec = { mrp: { instance: { ringId } } };
  const found = yield* listing(mrpListed)({ dev });
  const ring = found.find((candidate) => candidate.ringId === ringId);
  // the kernel wants to be told the ports, and looks at the ring alone
  if (ring?.primary !== undefined) afSpec.mrp!.instance!.primary = ring.primary;
  if (ring?.secondary !== undefined) afSpec.mrp!.instance!.secondary = ring.secondary;
  yield* changeBridgeLink(deleteBridgeLink, { ref: dev, argument: 'dev' }, afSpec, `ring ${ringId} of ${describeLink(dev)}`);
}

/** The programs of {@link RtnlClient.bridgeMrp}. */
export const bridgeMrpPrograms = {
  /** The MRP rings of the bridges of the namespace, or of the bridge `dev`: one entry a ring. @throws InputError, NotFoundError for `dev` */
  list: listing(mrpListed),

  /** What `list` gives, one by one as the kernel tells of them: in constant memory, however many there are. @throws as `list`, and DumpInterruptedError at its end */
  stream: streaming(mrpListed),
  /**
   * Asks the redundancy protocol of a bridge, or of a port, for something: `{ instance: { ringId: 1, primary, secondary } }`,
   * `{ ringRole: { ringId: 1, role: 'mrm' } }`, … as the kernel takes it.
   *
   * @throws InputError for a bad member; UnsupportedError for a kernel without CONFIG_BRIDGE_MRP
   */
  apply: applyMrp,
  /** The ring goes, whatever it is doing. @throws NetlinkError `EINVAL` when the bridge is in no such ring */
  delete: deleteMrp,
} as const;

/** What the fault management of a bridge reports. */
export interface CfmReport
  extends Pick<
    Cfm,
    | 'mepCreateInfo'
    | 'mepConfigInfo'
    | 'ccConfigInfo'
    | 'rdiInfo'
    | 'ccmTxInfo'
    | 'peerMepInfo'
    | 'mepStatusInfo'
    | 'peerStatusInfo'
    | 'unknown'
  > {
  /** Name of the bridge. */
  dev?: string;
  /** Index of the bridge. */
  devIndex: number;
}

const cfmListed = listedOf<CfmReport>(RTEXT_FILTER_CFM_CONFIG | RTEXT_FILTER_CFM_STATUS, (spec, link) =>
  spec.cfm === undefined ? [] : [{ ...link, ...spec.cfm }],
);

function* applyCfm(
  dev: LinkRef,
  request: Pick<Cfm, 'mepCreate' | 'mepDelete' | 'mepConfig' | 'ccConfig' | 'peerMepAdd' | 'peerMepRemove' | 'rdi' | 'ccmTx' | 'unknown'>,
  options: CallOptions = {},
): Program<void> {
  yield* applied(dev, request, 'cfm', options);
}

/** The programs of {@link RtnlClient.bridgeCfm}. */
export const bridgeCfmPrograms = {
  /** What the bridges of the namespace, or the bridge `dev`, monitor by CFM: one entry a bridge. @throws InputError, NotFoundError for `dev` */
  list: listing(cfmListed),

  /** What `list` gives, one by one as the kernel tells of them: in constant memory, however many there are. @throws as `list`, and DumpInterruptedError at its end */
  stream: streaming(cfmListed),
  /**
   * Asks the fault management of a bridge for something: `{ mepCreate: { instance: 1, domain: 'port', direction: 'down', port } }`, … as
   * the kernel takes it.
   *
   * @throws InputError for a bad member; UnsupportedError for a kernel without CONFIG_BRIDGE_CFM
   */
  apply: applyCfm,
} as const;
