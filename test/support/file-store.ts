/** A store of addresses for several processes. */
import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { network } from 'netloom';

/** Addresses as files of a directory, which any number of processes can share: each is made under another name, and linked to its own, which is refused when it is there. */
export class FileStore implements network.AddressStore {
  readonly directory: string;
  calls: string[] = [];
  #temporary = 0;

  constructor(directory = mkdtempSync(join(tmpdir(), 'addresses-'))) {
    this.directory = directory;
  }

  async allocate({ network: name, owner, ifname, subnets, taken }: network.AddressRequest): Promise<string[]> {
    this.calls.push(`allocate ${owner}`);
    const own = this.#of({ network: name, owner, ifname });
    if (own.length > 0) return subnets.map(({ subnet }) => own.find((address) => address.includes(':') === subnet.includes(':'))!);
    const text = JSON.stringify({ network: name, owner, ifname });
    const found: string[] = [];
    for (const { subnet, gateway, address } of subnets) {
      const start = subnet.replace(/0?\/.*$/, '');
      for (let i = 50; ; i++) {
        const candidate = address ?? `${start}${i}`;
        await new Promise((resolve) => setImmediate(resolve));
        if (candidate === gateway || taken.includes(candidate) || !this.#claim(candidate, text)) continue;
        found.push(candidate);
        break;
      }
    }
    return found;
  }

  async release(endpoint: network.EndpointKey): Promise<void> {
    this.calls.push(`release ${endpoint.owner}`);
    for (const address of this.#of(endpoint)) rmSync(join(this.directory, address));
  }

  list(name: string): network.EndpointKey[] {
    return this.#all().filter((each) => each.network === name);
  }

  networks(): string[] {
    return [...new Set(this.#all().map((each) => each.network))];
  }

  #claim(address: string, text: string): boolean {
    const temporary = join(this.directory, `.${process.pid}-${this.#temporary++}`);
    writeFileSync(temporary, text);
    try {
      linkSync(temporary, join(this.directory, address));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      rmSync(temporary);
    }
  }

  #all(): (network.EndpointKey & { readonly address: string })[] {
    const names = readdirSync(this.directory).filter((name) => !name.startsWith('.'));
    return names.map((address) => ({ ...JSON.parse(readFileSync(join(this.directory, address), 'utf8')), address }));
  }

  #of({ network: name, owner, ifname }: network.EndpointKey): string[] {
    const mine = this.#all().filter((each) => each.network === name && each.owner === owner && each.ifname === ifname);
    return mine.map(({ address }) => address);
  }
}
