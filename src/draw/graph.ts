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
  /** Name of the link in its namespace. */
  readonly name: string;
  /** Index of the link in its namespace. */
  readonly index: number;
  /** `veth`, `bridge`, …; left out for links without one, such as network cards. */
  readonly kind?: string;
  /** Whether it is administratively up. */
  readonly up: boolean;
  /** Hardware address; left out for links without one. */
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
  /** Gateway; left out when packets go straight to the network. */
  readonly via?: string;
  /** Name of the link by which packets leave. */
  readonly dev?: string;
  /** The lower, the better; left out when the route has none. */
  readonly metric?: number;
}

/** A rule that translates addresses. */
export interface GraphNat {
  /** What the rule does with addresses, as nft(8) calls it. */
  readonly kind: 'masquerade' | 'snat' | 'dnat' | 'redirect';
  /** Of what: the source that the rule names, where it names one. */
  readonly source?: string;
  /** `inet netloom postrouting` */
  readonly chain: string;
  /** Comment of the rule. */
  readonly comment?: string;
}

/** A published port, or range. */
export interface GraphPort {
  /** `tcp`, `udp` or `sctp`. */
  readonly protocol: string;
  /** Absent: any. */
  readonly hostAddress?: string;
  /** Port of the host, the first of a range. */
  readonly hostPort: number;
  /** Absent: a single port. */
  readonly hostPortEnd?: number;
  /** Port of the endpoint, the first of a range. */
  readonly containerPort: number;
  /** Network of the endpoint that it leads to. */
  readonly network: string;
  /** Owner of the endpoint that it leads to. */
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
  /** All links of the namespace, by index. */
  readonly links: readonly GraphLink[];
  /** Left out where they could not be read: in a namespace without a name. */
  readonly routes?: readonly GraphRoute[];
  /** Rules that translate addresses; left out when there are none, or when they could not be read. */
  readonly nat?: readonly GraphNat[];
  /** Ports of this namespace that are published. */
  readonly ports?: readonly GraphPort[];
}

/** A network of netloom's, and who is attached. */
export interface GraphNetwork {
  /** Name of the network. */
  readonly name: string;
  /** How endpoints are joined: `bridge`, `ptp`, `macvlan`, … */
  readonly driver: string;
  /** Name of its link in the host's namespace. */
  readonly link: string;
  /** The networks that its addresses are of: `10.20.0.0/16`. */
  readonly subnets: readonly string[];
  /** What it was made with: `masquerade`, `isolate`, … */
  readonly options: readonly string[];
}

/** A host, as its kernel has it. */
export interface HostGraph {
  /** The container networks of the namespace that was looked at. */
  readonly networks: readonly GraphNetwork[];
  /** The host's own first, the others by name. */
  readonly namespaces: readonly GraphNamespace[];
}
