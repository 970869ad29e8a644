/** The examples and the demo, run as programs: what they print, how they end, what they leave behind. */
import { spawn, spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { limit } from '../support/oracle.ts';

const tsx = ['--import', 'tsx'];
const alone = [
  '--net',
  '--mount',
  'sh',
  '-c',
  'mount -t tmpfs tmpfs /run && "$@"; status=$?; ip -br link; ls /run/netns; nft list ruleset; exit $status',
  'sh',
];

test('examples/attach.ts builds two containers that reach each other and the internet, and removes all of it', () => {
  const { stdout, stderr, status } = spawnSync(
    'unshare',
    [...alone, process.execPath, ...tsx, 'test/integration/fixtures/attach-example.ts'],
    { encoding: 'utf8', timeout: limit },
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(stdout.match(/3 packets transmitted, 3 received/g)).toHaveLength(2);
  expect(stdout).not.toMatch(/br-study|veth-r|table /);
});

test('examples/limit-bandwidth.ts limits, counts, tells of the namespace, and leaves nothing', () => {
  const { stdout, stderr, status } = spawnSync('unshare', [...alone, process.execPath, ...tsx, 'examples/limit-bandwidth.ts'], {
    encoding: 'utf8',
    timeout: limit,
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(stdout).toMatch(/3 packets transmitted, 3 received/);
  expect(stdout).toMatch(/^from the container: \{ rate: 1000000, .* [1-9]\d* packets$/m);
  expect(stdout).toMatch(/^its \/sys\/class\/net: .*eth0/m);
  expect(stdout).not.toMatch(/nl-host|ifb|nl-example/);
});

test('the demo proves itself with packets and leaves nothing', () => {
  const { stdout, stderr, status } = spawnSync(process.execPath, [...tsx, 'examples/demo.ts'], { encoding: 'utf8', timeout: limit });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(stdout.match(/3 packets transmitted, 3 received/g)).toHaveLength(2);
  expect(stdout).toMatch(/reached the router as one from 203\.0\.113\.1/);
  expect(stdout).toMatch(/veth-b-br@if\d+ master br-study, up {2}══ {2}\d+: veth-b in blue/);
  expect(stdout).toMatch(/namespaces left: none; links left: none/);
});

test.each(['SIGINT', 'SIGTERM'] as const)('the demo cleans up when it is interrupted by %s', async (signal) => {
  const demo = spawn(process.execPath, [...tsx, 'examples/demo.ts'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const interrupted = new Promise<void>((resolve) => {
    demo.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.includes('red pings blue')) resolve();
    });
  });
  let errors = '';
  demo.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = new Promise<number | null>((resolve) => demo.once('close', resolve));
  await interrupted;
  demo.kill(signal);
  expect(await ended).not.toBe(0);
  expect(errors).toMatch(new RegExp(`interrupted by ${signal}`));
  expect(output).toMatch(/namespaces left: none; links left: none/);
});
