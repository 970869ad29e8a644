/** Makes tun and tap links, which the kernel lets nobody make over rtnetlink. Source: the kernel's Documentation/networking/tuntap.rst. */
import { NetlinkError, type SystemError } from '../../netlink/errors.ts';
import { inArgument } from '../../netlink/input.ts';
import type { IoctlStep, Program, SectionStep } from '../../netlink/program.ts';
import { closeFd } from '../../netlink/sys/socket.ts';
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

/**
 * Makes a tun or tap that stays, in the namespace of the program.
 *
 * @returns its name
 * @throws InputError naming the member of `data` that is wrong
 * @throws NetlinkError `EEXIST` when the name or the index is taken
 * @throws SystemError `ENOENT` where there is no /dev/net/tun, `EPERM` without CAP_NET_ADMIN
 */
export function* makeTun({ name = '', index, data = {} }: LinkToMake): Program<string> {
  inArgument('data', () => tun.encode(new Writer(), data));
  const { type = 'tun', owner, group, pi, vnetHdr, multiQueue } = data as Tun;
  let flags = IFF_TUN_EXCL | (tunType.valueOf(type) === tunType.values.tap ? IFF_TAP : IFF_TUN);
  if (pi !== true) flags |= IFF_NO_PI;
  if (vnetHdr === true) flags |= IFF_VNET_HDR;
  if (multiQueue === true) flags |= IFF_MULTI_QUEUE;

  const section: SectionStep = { op: 'section', run: openTunDevice };
  const fd = (yield section) as number;
  // until it is told to stay, the link goes with its descriptor
  try {
    if (index !== undefined) yield* ioctl(fd, TUNSETIFINDEX, Uint32Array.of(index));
    const request = tunRequest(name, flags);
    try {
      yield* ioctl(fd, TUNSETIFF, request);
    } catch (error) {
      throw yield* explained(error as SystemError, name, index);
    }
    if (owner !== undefined) yield* ioctl(fd, TUNSETOWNER, owner);
    if (group !== undefined) yield* ioctl(fd, TUNSETGROUP, group);
    yield* ioctl(fd, TUNSETPERSIST, 1);
    return readString(request, 0, 16);
  } finally {
    closeFd(fd);
  }
}

function* ioctl(fd: number, request: IoctlStep['request'], argument: IoctlStep['argument']): Program<void> {
  const step: IoctlStep = { op: 'ioctl', fd, request, argument };
  yield step;
}

/** A name or an index that is taken is EBUSY here, and EEXIST for every other kind. */
function* explained(error: SystemError, name: string, index: number | undefined): Program<Error> {
  if (error.code !== 'EBUSY') return error;
  const attribute = index === undefined || (name !== '' && (yield* linkNamed(name)) !== undefined) ? 'name' : 'index';
  return new NetlinkError({ syscall: 'TUNSETIFF', subject: `tun ${JSON.stringify(name)}`, errno: EEXIST, attribute });
}

/** What makes links of the kinds that RTM_NEWLINK does not: runs where the link shall be, and returns its name. */
export const makers: Readonly<Record<string, (link: LinkToMake) => Program<string>>> = { tun: makeTun };
