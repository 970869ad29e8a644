/** Matches on packets within tunnels: what is loaded is loaded from the packet within, and what is known of that is another matter than what is known of the one around it. */
import { noneOf } from '../../netlink/choices.ts';
import { InputError } from '../../netlink/errors.ts';
import type { Expression } from '../expressions/expression.ts';
import { headerOf } from '../protocol/headers.ts';
import { type TunnelName, tunnels } from '../protocol/tunnels.ts';
import type { PayloadMatch } from './merge.ts';
import { Scope } from './scope.ts';

class InnerScope extends Scope {
  readonly #around: Scope;
  readonly #tunnel: TunnelName;

  constructor(around: Scope, tunnel: TunnelName) {
    // as these families know it: Ethernet, or nothing
    super(tunnels[tunnel].ethernet ? 'bridge' : 'netdev', around.knownSets);
    this.#around = around;
    this.#tunnel = tunnel;
  }

  override match(...expressions: Expression[]): void {
    this.#around.match(...within(this.#tunnel, expressions));
  }

  override matchPayload({ base, offset, value }: PayloadMatch): void {
    this.match(
      { kind: 'payload', data: { dreg: 1, base, offset, len: value.length } },
      { kind: 'cmp', data: { sreg: 1, op: 'eq', data: value } },
    );
  }

  override addSet(set: Parameters<Scope['addSet']>[0]): number {
    return this.#around.addSet(set);
  }
}

const scopes = new WeakMap<Scope, Map<TunnelName, InnerScope>>();

/** What is known of the packet within a tunnel; lets only packets by that are of the tunnel's carrier. @throws InputError */
export function innerScope(around: Scope, tunnel: TunnelName): Scope {
  if (!Object.hasOwn(tunnels, tunnel)) throw new InputError('tunnel', noneOf(tunnel, Object.keys(tunnels)));
  const { carrier } = tunnels[tunnel];
  // any port may be that of a tunnel: the rule has to say which
  if (carrier === 'udp' && around.knows('transport') !== 'udp')
    throw new InputError('', `${tunnel} is recognized by its port: match that of UDP first`);
  around.require(headerOf(carrier)!);
  const found = scopes.get(around) ?? new Map<TunnelName, InnerScope>();
  scopes.set(around, found);
  const inner = found.get(tunnel) ?? new InnerScope(around, tunnel);
  found.set(tunnel, inner);
  return inner;
}

/** The expressions with all that they load taken from the packet within. */
export function within(tunnel: TunnelName, expressions: readonly Expression[]): Expression[] {
  const { type, flags, hdrsize } = tunnels[tunnel];
  return expressions.map((expression) =>
    expression.kind === 'payload' || expression.kind === 'meta'
      ? { kind: 'inner', data: { num: 0, type, flags: [...flags], hdrsize, expression } }
      : expression,
  );
}
