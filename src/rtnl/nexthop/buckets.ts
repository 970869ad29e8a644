/** The buckets of resilient groups. Source: include/uapi/linux/nexthop.h (NHA_RES_BUCKET), ip-nexthop(8) "bucket". */
import { type ListOptions, listMembers, messages } from '../../netlink/dump.ts';
import { NetlinkError, NotFoundError } from '../../netlink/errors.ts';
import { checkCallOptions, checkOptions, inArgument, memberNames } from '../../netlink/input.ts';
import { ask, type CallOptions, type Program } from '../../netlink/program.ts';
import { checkInteger } from '../../netlink/scalar.ts';
import { type LinkRef, type Named, resolveLinks } from '../link/reference.ts';
import { getNexthopBucket, type NexthopObjectMessageInput } from './message.ts';
import { type NexthopBucket, toBucket } from './nexthop.ts';
import { checkId } from './spec.ts';

/** Which buckets to list. */
export interface BucketFilter extends ListOptions {
  /** Only those of this group. */
  id?: number;
  /** Only those that belong to this member now. */
  nexthopId?: number;
  /** Only those whose member leaves by this link. */
  dev?: LinkRef;
  /** Only those whose member leaves by a port of this link. */
  master?: LinkRef;
}

const filterMembers = memberNames<Omit<BucketFilter, keyof ListOptions>>({ id: true, nexthopId: true, dev: true, master: true });

/** The buckets of all resilient groups, or those that `filter` describes. */
export function* buckets(filter: BucketFilter = {}): Program<NexthopBucket[]> {
  checkOptions(filter, 'filter', filterMembers, listMembers);
  const { id, nexthopId } = filter;
  const value: NexthopObjectMessageInput = {};
  if (id !== undefined) {
    checkId(id, 'id');
    value.id = id;
  }
  if (nexthopId !== undefined) {
    checkId(nexthopId, 'nexthopId');
    value.bucket = { nexthopId };
  }
  const links = (['dev', 'master'] as const).flatMap((argument): Named[] => {
    const ref = filter[argument];
    return ref === undefined ? [] : [{ ref, argument }];
  });
  const indexes = yield* resolveLinks(links);
  links.forEach(({ argument }, i) => {
    value[argument === 'dev' ? 'oif' : 'master'] = indexes[i]!;
  });
  const wires = yield* messages({
    request: { operation: getNexthopBucket, flags: 0, value, expects: 'dump', subject: 'buckets of nexthop groups' },
    refused: (error) => (id === undefined ? error : missing(error, id)),
    interrupted: filter.interrupted,
  });
  return wires.map(toBucket);
}

/** One bucket of a resilient group. */
export function* bucket(id: number, index: number, options?: CallOptions): Program<NexthopBucket> {
  checkId(id, 'id');
  inArgument('index', () => checkInteger(index, 0, 0xffff));
  checkCallOptions(options);
  const value: NexthopObjectMessageInput = { id, bucket: { index } };
  try {
    return toBucket(
      yield* ask({ operation: getNexthopBucket, flags: 0, value, expects: 'reply' as const, subject: `bucket ${index} of nexthop ${id}` }),
    );
  } catch (error) {
    throw missing(error, id);
  }
}

function missing(error: unknown, id: number): unknown {
  if (!(error instanceof NetlinkError) || error.code !== 'ENOENT') return error;
  return new NotFoundError('id', `resilient nexthop group ${id}, or the bucket,`, 'ENOENT', { cause: error });
}
