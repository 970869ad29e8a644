/** What the demo prints: each step beside the commands it replaces, and the time it took. */

const columns = 64;

export function heading(text: string): void {
  console.log(`\n${text}\n${'─'.repeat(text.length)}`);
}

/** Runs a step of netloom and prints it: what is called, the milliseconds it took, the commands it stands for. */
export async function step<T>(call: string, replaces: readonly string[], run: () => T | Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await run();
  const milliseconds = (performance.now() - start).toFixed(2).padStart(8);
  const lines = [call, ...Array.from({ length: Math.max(0, replaces.length - 1) }, () => '')];
  lines.forEach((line, i) => {
    console.log(`${i === 0 ? `${milliseconds} ms` : ' '.repeat(11)}  ${line.padEnd(columns)}${replaces[i] === undefined ? '' : `# ${replaces[i]}`}`);
  });
  return result;
}

/** The lines of ping's output that say something. */
export function pingResult(stdout: string): string {
  return stdout
    .split('\n')
    .filter((line) => /bytes from|transmitted|unreachable|rtt/i.test(line))
    .map((line) => `             ${line}`)
    .join('\n');
}
