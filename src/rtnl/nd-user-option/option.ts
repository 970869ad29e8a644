/** Options of router announcements that the kernel leaves to processes. Sources: RFC 4861 (prefixes), RFC 8106 (name servers, search lists), RFC 8910 (captive portals), RFC 8781 (NAT64 prefixes). */
import { formatAddress } from '../../netlink/address.ts';

/** Addresses of name servers. */
export interface NdNameServers {
  /** RFC 8106, option 25. */
  kind: 'nameServers';
  /** Seconds; Infinity: forever; 0: no longer to be used. */
  lifetime: number;
  /** Their addresses. */
  addresses: string[];
}

/** Domains to look names up in. */
export interface NdSearchList {
  /** RFC 8106, option 31. */
  kind: 'searchList';
  /** Seconds; Infinity: forever; 0: no longer to be used. */
  lifetime: number;
  /** Without a dot at the end. */
  domains: string[];
}

/** Where a captive portal describes itself. */
export interface NdCaptivePortal {
  /** RFC 8910, option 37. */
  kind: 'captivePortal';
  /** Where it answers. */
  uri: string;
}

/** The prefix that IPv4 addresses are reached by. */
export interface NdNat64 {
  /** RFC 8781, option 38. */
  kind: 'nat64';
  /** `64:ff9b::/96`. */
  prefix: string;
  /** Seconds. */
  lifetime: number;
}

/** A prefix, which newer kernels tell besides what they make of it themselves. */
export interface NdPrefix {
  /** RFC 4861, option 3. */
  kind: 'prefix';
  /** `2001:db8::/64`. */
  prefix: string;
  /** The addresses of the prefix are on the link. */
  onLink: boolean;
  /** Addresses may be made of the prefix. */
  autoconf: boolean;
  /** All eight flags: `onLink` is 0x80, `autoconf` 0x40. */
  flags: number;
  /** Seconds; Infinity: forever. */
  validLifetime: number;
  /** Seconds; Infinity: forever. */
  preferredLifetime: number;
}

/** An option that netloom has no reader for, or whose bytes make no sense as what its type says. */
export interface NdOtherOption {
  /** One that netloom has no schema for. */
  kind: 'other';
  /** Its type: ND_OPT_*. */
  type: number;
  /** Behind type and length. */
  data: Uint8Array;
}

/** An option of a router advertisement that the kernel leaves to programs. */
export type NdOption = NdNameServers | NdSearchList | NdCaptivePortal | NdNat64 | NdPrefix | NdOtherOption;

const ND_OPT_PREFIX_INFORMATION = 3;
const ND_OPT_RDNSS = 25;
const ND_OPT_DNSSL = 31;
const ND_OPT_CAPTIVE_PORTAL = 37;
const ND_OPT_PREF64 = 38;

/** Bits of a NAT64 prefix by its length code. */
const nat64Lengths = [96, 64, 56, 48, 40, 32];

/** The options that `bytes` holds, one after the other, in units of 8 bytes. What is left over at the end is dropped: it is no option. */
export function readOptions(bytes: Uint8Array): NdOption[] {
  const options: NdOption[] = [];
  for (let at = 0; bytes.length - at >= 8; ) {
    const length = 8 * bytes[at + 1]!;
    if (length === 0 || at + length > bytes.length) break;
    const type = bytes[at]!;
    const data = Uint8Array.from(bytes.subarray(at + 2, at + length));
    options.push(readOption(type, data) ?? { kind: 'other', type, data });
    at += length;
  }
  return options;
}

function readOption(type: number, data: Uint8Array): NdOption | undefined {
  const view = new DataView(data.buffer);
  switch (type) {
    case ND_OPT_PREFIX_INFORMATION: {
      const [length = 0, flags = 0] = data;
      if (data.length !== 30 || length > 128) return undefined;
      return {
        kind: 'prefix',
        prefix: `${formatAddress(data, 14, 16)}/${length}`,
        onLink: (flags & 0x80) !== 0,
        autoconf: (flags & 0x40) !== 0,
        flags,
        validLifetime: seconds(view.getUint32(2)),
        preferredLifetime: seconds(view.getUint32(6)),
      };
    }
    case ND_OPT_RDNSS: {
      const count = (data.length - 6) / 16;
      if (!Number.isInteger(count) || count < 1) return undefined;
      const addresses = Array.from({ length: count }, (_, i) => formatAddress(data, 6 + 16 * i, 16));
      return { kind: 'nameServers', lifetime: seconds(view.getUint32(2)), addresses };
    }
    case ND_OPT_DNSSL: {
      const domains = data.length < 6 ? undefined : readDomains(data.subarray(6));
      return domains === undefined ? undefined : { kind: 'searchList', lifetime: seconds(view.getUint32(2)), domains };
    }
    case ND_OPT_CAPTIVE_PORTAL:
      return { kind: 'captivePortal', uri: Buffer.from(data).toString('utf8').replace(/\0+$/, '') };
    case ND_OPT_PREF64: {
      if (data.length !== 14) return undefined;
      const scaled = view.getUint16(0);
      const length = nat64Lengths[scaled & 7];
      if (length === undefined) return undefined;
      const address = new Uint8Array(16);
      address.set(data.subarray(2));
      // the lifetime is in units of 8 seconds, above the code of the length
      return { kind: 'nat64', prefix: `${formatAddress(address)}/${length}`, lifetime: scaled & ~7 };
    }
    default:
      return undefined;
  }
}

function seconds(lifetime: number): number {
  return lifetime === 0xffffffff ? Number.POSITIVE_INFINITY : lifetime;
}

/** Names as DNS writes them (RFC 1035, 3.1), without compression, padded with zeros. */
function readDomains(bytes: Uint8Array): string[] | undefined {
  const domains: string[] = [];
  let labels: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes[at]!;
    if (length === 0) {
      if (labels.length > 0) domains.push(labels.join('.'));
      labels = [];
      at++;
    } else {
      if (length > 63 || at + 1 + length > bytes.length) return undefined;
      labels.push(Buffer.from(bytes.subarray(at + 1, at + 1 + length)).toString('latin1'));
      at += 1 + length;
    }
  }
  return labels.length === 0 && domains.length > 0 ? domains : undefined;
}
