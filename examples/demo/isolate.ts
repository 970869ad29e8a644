/**
 * Gives the demo a machine of its own: a network namespace that plays the host, a mount namespace with an empty /run, and
 * for an ordinary user a user namespace in which it is root. All of it is gone when the process is, however it ends.
 */
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const marker = 'NETLOOM_DEMO_ISOLATED';

/** Whether this process is already inside. */
export function isolated(): boolean {
  return process.env[marker] === '1';
}

/** Tools the demo runs beside netloom, and the Debian packages that have them. */
const tools = { ping: 'iputils-ping', unshare: 'util-linux' } as const;

/** Installs what is missing where that is possible. @returns what is still missing */
function provideTools(): string[] {
  const missing = (): string[] =>
    Object.entries(tools).flatMap(([tool, name]) => (spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0 ? [] : [name]));
  const wanted = missing();
  if (wanted.length > 0 && process.getuid?.() === 0) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    spawnSync('apt-get', ['update', '-qq'], { env });
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...wanted], { env });
  }
  return missing();
}

/** Runs this program again inside, passes signals on, and exits as it does. */
export async function runIsolated(): Promise<never> {
  process.env['PATH'] = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  const missing = provideTools();
  if (missing.length > 0) {
    console.error(`The demo needs: apt-get install ${missing.join(' ')}`);
    process.exit(2);
  }
  const root = process.getuid?.() === 0;
  const namespaces = [...(root ? [] : ['--user', '--map-root-user']), '--net', '--mount'];
  const inside = 'mount -t tmpfs tmpfs /run && exec "$@"';
  const self = [process.execPath, ...process.execArgv, fileURLToPath(new URL('../demo.ts', import.meta.url)), ...process.argv.slice(2)];
  const child = spawn('unshare', [...namespaces, 'sh', '-c', inside, 'sh', ...self], {
    stdio: 'inherit',
    env: { ...process.env, [marker]: '1' },
  });
  // a terminal sends its interrupt to both; one sent to this process alone is passed on
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.on('exit', (...how) => resolve(how));
    child.on('error', (error) => {
      console.error(`The demo cannot make namespaces of its own: ${error.message}`);
      resolve([1, null]);
    });
  });
  if (code !== 0 && code !== 130) {
    console.error(
      root
        ? ''
        : 'If the system refuses user namespaces to ordinary users (sysctl kernel.unprivileged_userns_clone, user.max_user_namespaces), run the demo as root.',
    );
  }
  process.exit(code ?? (signal === 'SIGINT' ? 130 : 1));
}
