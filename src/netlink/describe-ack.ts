/** What NLMSG_ERROR and NLMSG_DONE say, for descriptions. Source: include/uapi/linux/netlink.h (enum nlmsgerr_attrs). */
import { attr, attributes } from './attributes.ts';
import { policy } from './describe-policy.ts';
import { u32 } from './scalar.ts';
import { bytes, string } from './text.ts';

/** The attributes of an extended ack. */
export const ackAttributes = attributes('NLMSGERR_ATTR', () => ({
  message: attr('NLMSGERR_ATTR_MSG', 1, string()),
  offset: attr('NLMSGERR_ATTR_OFFS', 2, u32),
  cookie: attr('NLMSGERR_ATTR_COOKIE', 3, bytes),
  policy: attr('NLMSGERR_ATTR_POLICY', 4, policy),
  missingType: attr('NLMSGERR_ATTR_MISS_TYPE', 5, u32),
  missingNest: attr('NLMSGERR_ATTR_MISS_NEST', 6, u32),
}));
