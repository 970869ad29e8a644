/** The constants of headers that the modules of src/netlink/sys write down: `const O_CLOEXEC = 0o2000000;`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../src/netlink/sys', import.meta.url));

/** @throws Error when one name stands for two numbers */
export function systemConstants(): Map<string, number> {
  const constants = new Map<string, number>();
  for (const file of readdirSync(folder)) {
    const source = readFileSync(join(folder, file), 'utf8');
    for (const [, name, number] of source.matchAll(/^(?:export )?const ([A-Z][A-Z0-9_]+) = (-?(?:0[xo])?[\da-f]+);$/gm)) {
      const value = Number(number);
      if (constants.has(name!) && constants.get(name!) !== value) throw new Error(`${name} is two numbers: ${file}`);
      constants.set(name!, value);
    }
  }
  return constants;
}
