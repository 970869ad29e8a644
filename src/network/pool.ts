/**
 * The addresses of a subnet that are taken, as far as this process knows. It is a hint, read from the kernel, that saves asking for addresses that
 * are taken; whether one is free the kernel alone decides, when it is claimed.
 */
import { dependency } from '../netlink/dependency.ts';
import { addressOf, type Subnet } from './subnet.ts';

interface Bits {
  get(index: number): boolean;
  set(index: number, value?: boolean): void;
}

/** What is given out without being asked for comes from the first so many addresses of a range: a bridge has 1,023 ports. */
const window = 65_536n;

function sizeOf({ first, last }: Subnet): number {
  const size = last - first + 1n;
  return Number(size > window ? window : size);
}

/** How many addresses a pool can still give out when these are taken. */
export function freeOf(subnet: Subnet, taken: ReadonlySet<bigint>): number {
  const size = sizeOf(subnet);
  let free = size;
  for (const value of taken) if (value >= subnet.first && value < subnet.first + BigInt(size)) free--;
  return free;
}

export class Pool {
  readonly subnet: Subnet;
  readonly #size: number;
  #taken: Bits;
  /** Where to look next: the addresses go round, so that one that has just been freed is not given to somebody else at once. */
  #next = 0;

  constructor(subnet: Subnet) {
    this.subnet = subnet;
    this.#size = sizeOf(subnet);
    this.#taken = bits(this.#size);
  }

  /** An address that is not known to be taken, and takes it; undefined when there is none. */
  take(): string | undefined {
    for (let i = 0; i < this.#size; i++) {
      const index = (this.#next + i) % this.#size;
      if (this.#taken.get(index)) continue;
      this.#taken.set(index);
      this.#next = (index + 1) % this.#size;
      return addressOf(this.subnet.family, this.subnet.first + BigInt(index));
    }
    return undefined;
  }

  /** Notes that an address is taken, or free. One that the pool does not give out is passed over. */
  set(value: bigint, taken: boolean): void {
    const index = this.#indexOf(value);
    if (index !== undefined) this.#taken.set(index, taken);
  }

  /** Forgets all, and notes what is taken. `latest`: the one given out last, if it is known. */
  reset(taken: Iterable<bigint>, latest: bigint | undefined): void {
    this.#taken = bits(this.#size);
    for (const value of taken) this.set(value, true);
    const index = latest === undefined ? undefined : this.#indexOf(latest);
    if (index !== undefined) this.#next = (index + 1) % this.#size;
  }

  #indexOf(value: bigint): number | undefined {
    const index = value - this.subnet.first;
    return index >= 0n && index < BigInt(this.#size) ? Number(index) : undefined;
  }
}

function bits(size: number): Bits {
  const { default: BitField } = dependency('bitfield') as { default: new (size: number) => Bits };
  return new BitField(size);
}
