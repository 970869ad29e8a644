/** A filter by the realms of a packet's route: tc-route(8). Source: include/uapi/linux/pkt_cls.h (TCA_ROUTE4_*). */
import { attr, attributes } from '../../../netlink/attributes.ts';
import { type Codec, type Infer, mapped } from '../../../netlink/codec.ts';
import { InputError } from '../../../netlink/errors.ts';
import { checkMembers, inArgument, memberNames } from '../../../netlink/input.ts';
import { checkInteger, u32 } from '../../../netlink/scalar.ts';
import { bytes } from '../../../netlink/text.ts';
import { type TcAction, tcActions } from '../action/action.ts';
import { classId } from '../filter-fields.ts';
import type { TcHandle } from '../handle.ts';

const routeAttributes_ = attributes('TCA_ROUTE4', () => ({
  classId: attr('TCA_ROUTE4_CLASSID', 1, classId),
  to: attr('TCA_ROUTE4_TO', 2, u32),
  from: attr('TCA_ROUTE4_FROM', 3, u32),
  fromIndex: attr('TCA_ROUTE4_IIF', 4, u32),
  police: attr('TCA_ROUTE4_POLICE', 5, bytes),
  actions: attr('TCA_ROUTE4_ACT', 6, tcActions),
}));
export interface RouteFilterAttributes extends Infer<typeof routeAttributes_> {}
export const routeFilterAttributes: Codec<RouteFilterAttributes> = routeAttributes_;

/** Options of route. The handle of the filter is made of what it goes by, and need not be said. */
export interface RouteFilterOptions {
  /** The class that packets belong to. */
  classId?: TcHandle;
  /** Realm that the route leads to, 0 to 255. */
  to?: number;
  /** Realm that the packet comes from, 0 to 255. */
  from?: number;
  /** In place of `from`: index of the link that it came in by, up to 32,767. */
  fromIndex?: number;
  /** What is done with packets that match. */
  actions?: TcAction[];
}

const members = memberNames<RouteFilterOptions>({ classId: true, to: true, from: true, fromIndex: true, actions: true });
const realm = 0xff;
const lastIndex = 0x7fff;

const [noTarget, noSource, ofLink] = [0x8000, 0xffff, 0x8000];

/** The handle that the kernel asks for: where packets go, and above it where they come from. */
export function routeHandle({ to = noTarget, from = noSource, fromIndex }: RouteFilterOptions): number {
  return (fromIndex === undefined ? from : fromIndex + ofLink) * 0x10000 + to;
}

export const route: Codec<RouteFilterOptions> = mapped<RouteFilterAttributes, RouteFilterOptions>(
  routeAttributes_,
  'route',
  ({ police: _, ...options }) => options as RouteFilterOptions,
  (options) => {
    checkMembers(options, '', members);
    const { classId: of, to, from, fromIndex, actions } = options;
    if (to === undefined && from === undefined && fromIndex === undefined)
      throw new InputError('to', 'is needed: it, from or fromIndex', 'ERR_INVALID_ARG_TYPE');
    if (from !== undefined && fromIndex !== undefined) throw new InputError('fromIndex', 'goes without from');
    for (const [argument, value] of Object.entries({ to, from }))
      if (value !== undefined) inArgument(argument, () => checkInteger(value, 0, realm));
    if (fromIndex !== undefined) inArgument('fromIndex', () => checkInteger(fromIndex, 1, lastIndex));
    return {
      ...(from === undefined ? {} : { from }),
      ...(fromIndex === undefined ? {} : { fromIndex }),
      ...(to === undefined ? {} : { to }),
      ...(of === undefined ? {} : { classId: of }),
      ...(actions === undefined ? {} : { actions }),
    };
  },
);
