/** What a host is like: its namespaces, and what is in them and between them. Plain data, as `inspectHost` reads it from the kernel and {@link draw} takes it. */

/** A link, told from all others. */
export interface LinkPlace {
  /** `id` of its namespace. */
  readonly namespace: string;
  /** Name of the link. */
  readonly link: string;
}

/** A link as drawings show it. */
export interface GraphLink {
  readonly name: string;
  readonly index: number;
  /** `veth`, `bridge`, …; left out for links without one, such as network cards. */
  readonly kind?: string;
  readonly up: boolean;
  readonly mac?: string;
  /** Largest packet, in bytes. */
  readonly mtu: number;
  /** With the lengths of their networks; without link-local ones. */
  readonly addresses: readonly string[];
  /** Name of the bridge or bond that it is a port of. */
  readonly master?: string;
  /** The other end of a veth, or the link below; left out when its namespace could not be seen. */
  readonly peer?: LinkPlace;
  /** The network that it is of, or is the host's end of an endpoint of. */
  readonly network?: string;
  /** Whom the endpoint is for. */
  readonly owner?: string;
  /** Bits a second that may come to the endpoint, and that it may send, at most: those of them that are limited. */
  readonly rateLimits?: { readonly ingressRate?: number; readonly egressRate?: number };
}

/** A route of the main table. */
export interface GraphRoute {
  /** `default`, or a network. */
  readonly to: string;
  readonly via?: string;
  readonly dev?: string;
  readonly metric?: number;
}

/** A rule that translates addresses. */
export interface GraphNat {
  readonly kind: 'masquerade' | 'snat' | 'dnat' | 'redirect';
  /** Of what: the source that the rule names, where it names one. */
  readonly source?: string;
  /** `inet netloom postrouting` */
  readonly chain: string;
  readonly comment?: string;
}

/** A published port, or range. */
export interface GraphPort {
  readonly protocol: string;
  /** Absent: any. */
  readonly hostAddress?: string;
  readonly hostPort: number;
  /** Absent: a single port. */
  readonly hostPortEnd?: number;
  readonly containerPort: number;
  readonly network: string;
  readonly owner: string;
  /** Where it leads. */
  readonly addresses: readonly string[];
}

/** A network namespace and what is in it. */
export interface GraphNamespace {
  /** Device and inode, or `nsid:` and the id that the host has for it where that is all that is known. */
  readonly id: string;
  /** As `ip netns` has it. Absent: it has none; the host's is called `host`. */
  readonly name?: string;
  readonly links: readonly GraphLink[];
  /** Left out where they could not be read: in a namespace without a name. */
  readonly routes?: readonly GraphRoute[];
  readonly nat?: readonly GraphNat[];
  /** Ports of this namespace that are published. */
  readonly ports?: readonly GraphPort[];
}

/** A network of netloom's, and who is attached. */
export interface GraphNetwork {
  readonly name: string;
  readonly driver: string;
  /** Name of its link in the host's namespace. */
  readonly link: string;
  readonly subnets: readonly string[];
  /** What it was made with: `masquerade`, `isolate`, … */
  readonly options: readonly string[];
}

/** A host, as its kernel has it. */
export interface HostGraph {
  readonly networks: readonly GraphNetwork[];
  /** The host's own first, the others by name. */
  readonly namespaces: readonly GraphNamespace[];
}
