/** What netloom knows about a kind of link, or of port, beside the schema of its settings. */
import { attributes } from '../../netlink/attributes.ts';
import type { Codec, Infer } from '../../netlink/codec.ts';
import type { Limits } from './limits.ts';

/** A kind of link. */
export interface LinkKind<T extends object = object> {
  /** IFLA_INFO_DATA: the settings of the kind; {@link noSettings} for kinds that have none. */
  readonly data: Codec<T>;
  /** What builds the kind, for the error of a kernel that lacks it: `CONFIG_VLAN_8021Q`. */
  readonly needs?: string;
  /** Members of the settings that the kernel reports and cannot be told; left out when a link is made from what a listing returned. */
  readonly readOnly?: ReadonlySet<string>;
  /**
   * The first release that knows a member of the settings, for those that came later than the kind and are reported of every link since:
   * an older kernel passes over them in silence. A path leads to one of several switches in a member.
   */
  readonly since?: Readonly<Record<string, string>>;
  /** The same of flags that are set at creation only, and reported of links that have them. */
  readonly flagsSince?: Readonly<Record<string, string>>;
  /** IFLA_INFO_XSTATS: what the kind counts. */
  readonly xstats?: Codec<object>;
  /** What the kernel takes of members that are integers, where that is less than their type can say. */
  readonly limits?: Limits<T>;
  /** Looks for what the kernel refuses, or cuts without a word, beyond {@link limits}. @throws InputError naming the member */
  readonly check?: (data: T) => void;
  /**
   * Members of the settings as a new link takes them, from those a listing returned; runs after `readOnly` has been taken out. Of a
   * kind that is `updatedWhole`, it runs for updates as well.
   */
  readonly creatable?: (data: T) => T;
  /**
   * Members of the settings that name links by index, and so may be given by name: `below` is looked up where the request runs, as
   * `link` is, `beside` where the link itself is.
   */
  readonly links?: Readonly<Record<string, 'below' | 'beside'>>;
  /**
   * The kernel takes the settings in an update for the whole of them: what is left out goes back to its default. `update` then reads
   * the link first, and sends what it has with what is to change.
   */
  readonly updatedWhole?: boolean;
  /** The kind comes in pairs: its settings have a member `peer`, a link message, for the other end. */
  readonly paired?: boolean;
  /** A new link belongs to a device, which `parentDevName` says: IFLA_PARENT_DEV_NAME. */
  readonly ofDevice?: boolean;
}

/** A kind of port: what a master of that kind makes of its links. */
export interface PortKind<T extends object = object> {
  /** IFLA_INFO_SLAVE_DATA: the settings of the port; {@link noSettings} for kinds that have none. */
  readonly data: Codec<T>;
  /** Members that the kernel reports and cannot be told. */
  readonly readOnly?: ReadonlySet<string>;
  /** As of {@link LinkKind}. */
  readonly limits?: Limits<T>;
  /** As of {@link LinkKind}. */
  readonly check?: (data: T) => void;
  /** Members of the settings as a new port takes them, from those a listing returned; runs after `readOnly` has been taken out. */
  readonly creatable?: (data: T) => T;
  /** The master takes only links that are down, and sets them up itself. */
  readonly whileDown?: boolean;
  /** Members of the settings that name links by index, and so may be given by name, looked up where the port is. */
  readonly links?: readonly string[];
}

const noSettings_ = attributes('IFLA_INFO_DATA', () => ({}));

/** The settings of a kind that has none: whatever a newer kernel reports is kept in `unknown`. */
export interface NoSettings extends Infer<typeof noSettings_> {}
export const noSettings: Codec<NoSettings> = noSettings_;
