/** Command lines of ip(8) and its like in as few processes as possible: a process is what takes time, above all in an emulated machine. */
import { sh, tool, type Where } from './oracle.ts';

/** Consecutive commands of one program, with the same options before the object. */
interface Batch {
  /** The program and these options: `['ip', '-6']`. */
  readonly program: readonly string[];
  /** Lines that it reads after `-batch`. */
  readonly lines: readonly string[];
}

const readsBatches = new Set(['ip', 'bridge', 'tc']);

/** The commands by the processes that run them: in order, as many in one as can be. */
function batchesOf(commands: readonly string[]): Batch[] {
  const batches: { program: string[]; lines: string[] }[] = [];
  for (const command of commands) {
    const words = command.split(/ +/);
    const object = words.findIndex((word, i) => i > 0 && !word.startsWith('-'));
    const program = words.slice(0, object);
    if (object < 1 || !readsBatches.has(program[0]!) || /["'#\\]/.test(command)) throw new Error(`"${command}" cannot be run in a batch`);
    const line = words.slice(object).join(' ');
    const last = batches.at(-1);
    if (last !== undefined && last.program.join(' ') === program.join(' ')) last.lines.push(line);
    else batches.push({ program, lines: [line] });
  }
  return batches;
}

/**
 * Runs command lines, in order, until one fails. For what is prepared only: some kinds of links remember an option from one line of a batch
 * to the next (`peer` of a netkit in iproute2 6.15).
 * @throws Error with what the tool wrote to stderr, which ends with the number of the line
 */
export function runBatch(commands: readonly string[], where: Where = {}): void {
  for (const { program, lines } of batchesOf(commands)) {
    if (lines.length === 1) tool([...program, ...lines[0]!.split(' ')], where);
    else sh(`${program.join(' ')} -batch - <<'END'\n${lines.join('\n')}\nEND`, where);
  }
}
