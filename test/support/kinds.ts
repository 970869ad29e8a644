/** Differential tests of kinds of links: each case is a link `x0` of one kind. */
import type { CreateLink, Link, RtnlClient } from '../../src/rtnl/index.ts';
import { type DifferentialCase, differential, type RoundTrip } from './differential.ts';
import type { Feature } from './kernel.ts';

/** What follows `ip link add x0 `, and the same for `create`; `update`: what `ip link set x0 ` does then. */
export interface KindCase {
  readonly ip: string;
  readonly create: Omit<CreateLink, 'kind' | 'name'>;
  /** Further commands of ip(8), and the same by netloom. */
  readonly after?: readonly [ip: readonly string[], netloom: (rt: RtnlClient) => unknown];
  readonly prepare?: readonly string[];
  readonly show?: readonly string[];
  readonly needs?: readonly Feature[];
  readonly ignore?: Readonly<Record<string, string>>;
  readonly bytesDiffer?: string;
  /** Members of the pictures that do not come back when the link is created again, with the reason; `false`: it cannot be. */
  readonly again?: Readonly<Record<string, string>> | false;
}

/** Tunnels over IPv6 have a permanent address of as many bytes as an IPv6 address, which `ip` prints as one. */
const madeUp = { permaddr: 'made up by the kernel' };

/** Declares the tests of a kind. */
export function kindTests(kind: string, cases: readonly KindCase[], prepare: readonly string[] = [], needs: readonly Feature[] = []): void {
  const roundTrip: RoundTrip<Link> = {
    list: async (rt) => (await rt.links.list({ kind })).filter((link) => link.name === 'x0'),
    delete: (rt, link) => rt.links.delete(link),
    create: (rt, link) => rt.links.create(link),
  };
  differential<Link>(kind, {
    kind,
    needs: [{ kind }, ...needs],
    prepare,
    cases: cases.map((one): DifferentialCase<Link> => {
      const [more, change] = one.after ?? [[], () => {}];
      return {
        name: [`ip link add x0 ${one.ip}`, ...more].join('; '),
        ip: [`ip link add x0 ${one.ip}`, ...more],
        netloom: async (rt) => {
          await rt.links.create({ kind, name: 'x0', ...one.create } as CreateLink);
          await change(rt);
        },
        show: one.show ?? 'ip link show x0',
        ...(one.prepare === undefined ? {} : { prepare: one.prepare }),
        ...(one.needs === undefined ? {} : { needs: one.needs }),
        ignore: { ...madeUp, ...one.ignore },
        ...(one.bytesDiffer === undefined ? {} : { bytesDiffer: one.bytesDiffer }),
        roundTrip: one.again === false ? false : { ...roundTrip, ...(one.again === undefined ? {} : { ignore: one.again }) },
      };
    }),
  });
}
