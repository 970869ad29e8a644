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
  const indent = ' '.repeat(11);
  // a call that fills its column has its commands below it
  const calls = call.length < columns ? [call] : [call, ''];
  const commands = call.length < columns ? replaces : ['', ...replaces];
  for (let i = 0; i < Math.max(calls.length, commands.length); i++) {
    const command = commands[i] === undefined || commands[i] === '' ? '' : `# ${commands[i]}`;
    console.log(`${i === 0 ? `${milliseconds} ms` : indent}  ${(calls[i] ?? '').padEnd(columns)}${command}`.trimEnd());
  }
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
