/** What the kernel would have accepted, as an extended ack tells it. Source: include/uapi/linux/netlink.h (enum netlink_policy_type_attr). */
import { attr, attributes } from './attributes.ts';
import { mapped } from './codec.ts';
import { enumeration } from './enumeration.ts';
import { u32, u64 } from './scalar.ts';
import { bytes } from './text.ts';

/** NL_ATTR_TYPE_*. */
const attributeType = enumeration(u32, {
  invalid: 0,
  flag: 1,
  u8: 2,
  u16: 3,
  u32: 4,
  u64: 5,
  s8: 6,
  s16: 7,
  s32: 8,
  s64: 9,
  binary: 10,
  string: 11,
  'nul-string': 12,
  nested: 13,
  'nested-array': 14,
  bitfield32: 15,
  sint: 16,
  uint: 17,
});

const s64 = mapped(
  u64,
  's64',
  (wire) => BigInt.asIntN(64, wire),
  (value) => BigInt.asUintN(64, value),
);

/** NLMSGERR_ATTR_POLICY. */
export const policy = attributes('NL_POLICY_TYPE_ATTR', () => ({
  type: attr('NL_POLICY_TYPE_ATTR_TYPE', 1, attributeType),
  minValueSigned: attr('NL_POLICY_TYPE_ATTR_MIN_VALUE_S', 2, s64),
  maxValueSigned: attr('NL_POLICY_TYPE_ATTR_MAX_VALUE_S', 3, s64),
  minValue: attr('NL_POLICY_TYPE_ATTR_MIN_VALUE_U', 4, u64),
  maxValue: attr('NL_POLICY_TYPE_ATTR_MAX_VALUE_U', 5, u64),
  minLength: attr('NL_POLICY_TYPE_ATTR_MIN_LENGTH', 6, u32),
  maxLength: attr('NL_POLICY_TYPE_ATTR_MAX_LENGTH', 7, u32),
  policyIndex: attr('NL_POLICY_TYPE_ATTR_POLICY_IDX', 8, u32),
  policyMaxType: attr('NL_POLICY_TYPE_ATTR_POLICY_MAXTYPE', 9, u32),
  bitfieldMask: attr('NL_POLICY_TYPE_ATTR_BITFIELD32_MASK', 10, u32),
  pad: attr('NL_POLICY_TYPE_ATTR_PAD', 11, bytes),
  mask: attr('NL_POLICY_TYPE_ATTR_MASK', 12, u64),
}));
