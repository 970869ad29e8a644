/** Makes tun and tap links, which the kernel lets nobody make over rtnetlink. Source: the kernel's Documentation/networking/tuntap.rst. */
import { NetlinkError, SystemError } from '../../netlink/errors.ts';
import { inArgument } from '../../netlink/input.ts';
import { lacksNetAdmin } from '../../netlink/lacking.ts';
import type { IoctlStep, Program, SectionStep } from '../../netlink/program.ts';
import { closeFd, words } from '../../netlink/sys/socket.ts';
import {
  IFF_MULTI_QUEUE,
  IFF_NO_PI,
  IFF_TAP,
  IFF_TUN,
  IFF_TUN_EXCL,
  IFF_VNET_HDR,
  openTunDevice,
  TUNSETGROUP,
  TUNSETIFF,
  TUNSETIFINDEX,
  TUNSETOWNER,
  TUNSETPERSIST,
  tunRequest,
} from '../../netlink/sys/tun.ts';
import { readString } from '../../netlink/text.ts';
import { Writer } from '../../netlink/writer.ts';
import { type Tun, tun, tunType } from './kind/tun.ts';
import { linkNamed } from './reference.ts';

const EEXIST = 17;

/** A link that shall be, as far as its maker sets it. */
export interface LinkToMake {
  /** `%d` in it is replaced by a number. */
  readonly name?: string | undefined;
  readonly index?: number | undefined;
  /** Settings of the kind. */
  readonly data?: object | undefined;
}

/** How the descriptors of a link are opened. */
export interface TunQueues {
  /** How many. */
  readonly queues: number;
  readonly nonBlocking: boolean;
  /** Whether the link stays when the last of them is closed. */
  readonly persist: boolean;
}

/**
 * Makes a tun or tap in the namespace of the program.
 *
 * @returns its name, and the descriptors open on it; the link goes with the last of them unless it is to stay
 * @throws InputError naming the member of `data` that is wrong
 * @throws NetlinkError `EEXIST` when the name or the index is taken
 * @throws SystemError `ENOENT` where there is no /dev/net/tun, `EPERM` without CAP_NET_ADMIN
 */
export function* openTunLink(
  { name = '', index, data = {} }: LinkToMake,
  { queues, nonBlocking, persist }: TunQueues,
): Program<{ name: string; fds: number[] }> {
  inArgument('data', () => tun.encode(new Writer(), data));
  const { owner, group } = data as Tun;
  const flags = tunFlags(data as Tun);
  const fds: number[] = [];
  try {
    fds.push(yield* deviceOf(nonBlocking));
    if (index !== undefined) {
      const wanted = words(1);
      wanted[0] = index;
      yield* ioctl(fds[0]!, TUNSETIFINDEX, wanted);
    }
    const request = tunRequest(name, flags | IFF_TUN_EXCL);
    try {
      yield* ioctl(fds[0]!, TUNSETIFF, request);
    } catch (error) {
      throw yield* explained(error as SystemError, name, index);
    }
    const made = readString(request, 0, 16);
    if (owner !== undefined) yield* ioctl(fds[0]!, TUNSETOWNER, owner);
    if (group !== undefined) yield* ioctl(fds[0]!, TUNSETGROUP, group);
    while (fds.length < queues) fds.push(yield* attachedTo(made, data as Tun, nonBlocking));
    if (persist) yield* ioctl(fds[0]!, TUNSETPERSIST, 1);
    return { name: made, fds };
  } catch (error) {
    for (const fd of fds) closeFd(fd);
    throw error;
  }
}

/** IFF_* of struct ifreq. */
function tunFlags({ type = 'tun', pi, vnetHdr, multiQueue }: Tun): number {
  let flags = tunType.valueOf(type) === tunType.values.tap ? IFF_TAP : IFF_TUN;
  if (pi !== true) flags |= IFF_NO_PI;
  if (vnetHdr === true) flags |= IFF_VNET_HDR;
  if (multiQueue === true) flags |= IFF_MULTI_QUEUE;
  return flags;
}

/** Attaches to a link that exists, in the namespace of the program. `data` is how it is: the kernel would make it so. @returns a descriptor */
export function* attachedTo(name: string, data: Tun, nonBlocking: boolean): Program<number> {
  const fd = yield* deviceOf(nonBlocking);
  try {
    yield* ioctl(fd, TUNSETIFF, tunRequest(name, tunFlags(data)));
    return fd;
  } catch (error) {
    closeFd(fd);
    throw error;
  }
}

function* deviceOf(nonBlocking: boolean): Program<number> {
  const section: SectionStep = { op: 'section', run: () => openTunDevice(nonBlocking) };
  return (yield section) as number;
}

/** Makes a tun or tap that stays, and is attached to by nobody. Throws what {@link openTunLink} does. @returns its name */
export function* makeTun(link: LinkToMake): Program<string> {
  const { name, fds } = yield* openTunLink(link, { queues: 1, nonBlocking: false, persist: true });
  for (const fd of fds) closeFd(fd);
  return name;
}

function* ioctl(fd: number, request: IoctlStep['request'], argument: IoctlStep['argument']): Program<void> {
  const step: IoctlStep = { op: 'ioctl', fd, request, argument };
  yield step;
}

/** A name or an index that is taken is EBUSY here, and EEXIST for every other kind. */
function* explained(error: SystemError, name: string, index: number | undefined): Program<Error> {
  if (error.code === 'EPERM') return new SystemError(error.syscall, error.errno, { message: lacksNetAdmin() });
  if (error.code !== 'EBUSY') return error;
  const attribute = index === undefined || (name !== '' && (yield* linkNamed(name)) !== undefined) ? 'name' : 'index';
  return new NetlinkError({ syscall: 'TUNSETIFF', subject: `tun ${JSON.stringify(name)}`, errno: EEXIST, attribute });
}

/** What makes links of the kinds that RTM_NEWLINK does not: runs where the link shall be, and returns its name. */
export const makers: Readonly<Record<string, (link: LinkToMake) => Program<string>>> = { tun: makeTun };
