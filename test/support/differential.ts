/**
 * The same thing done by `ip` in one namespace and by netloom in another must look the same to `ip -d -j`, and what `ip` sent for it
 * must be something that netloom's schemas read whole and write again.
 *
 *     differential('bridges', {
 *       prepare: ['ip link add v0 type veth peer name v1'],
 *       cases: [
 *         {
 *           ip: ['ip link add br0 type bridge forward_delay 400'],
 *           netloom: (rt) => rt.links.create({ kind: 'bridge', name: 'br0', data: { forwardDelay: 400 } }),
 *           show: 'ip link show br0',
 *         },
 *       ],
 *       roundTrip: { list: (rt) => rt.links.list({ kind: 'bridge' }), delete: (rt, link) => rt.links.delete(link), create: (rt, link) => rt.links.create(link) },
 *     });
 *
 * Each case is up to three tests, in two namespaces of its own that were prepared alike:
 *
 * - `the same state`: the picture after `ip` equals the picture after netloom, and is another than before;
 * - `the same bytes`: every message that `ip` sent decodes with nothing unknown, and encodes to the same bytes (wire.ts says how they are compared);
 * - `round trip`: what netloom lists it deletes and creates again, and the picture is as it was.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as netns from '../../src/netns/index.ts';
import { open, type RtnlClient } from '../../src/rtnl/index.ts';
import { runBatch } from './batch.ts';
import { capture, expectWhole, type Sent } from './capture.ts';
import { type Feature, needs } from './kernel.ts';
import { uniqueName } from './names.ts';
import { type Json, tool } from './oracle.ts';
import { alike, comparable } from './picture.ts';

export interface DifferentialCase<T> {
  /** Command lines of ip(8) or bridge(8), split at spaces. The last one names the case, unless `name` does. */
  readonly ip: readonly string[];
  readonly name?: string;
  /** The same by netloom. */
  readonly netloom: (rt: RtnlClient) => unknown;
  /** What shows it: `ip link show br0` is run as `ip -d -j link show br0`. Default: the group's. */
  readonly show?: string | readonly string[];
  /** Further command lines run in both namespaces beforehand. */
  readonly prepare?: readonly string[];
  /** What the case needs besides what the whole group needs. */
  readonly needs?: readonly Feature[];
  /** Members of the pictures that may differ, with the reason. */
  readonly ignore?: Readonly<Record<string, string>>;
  /** Why the bytes are not compared. */
  readonly bytesDiffer?: string;
  /** Replaces the group's; `false` where the case does not leave an object. */
  readonly roundTrip?: RoundTrip<T> | false;
}

/** How the objects of a group are listed, deleted and created again. */
export interface RoundTrip<T> {
  /** The objects to put through it, in an order in which they can be created. */
  readonly list: (rt: RtnlClient) => Promise<readonly T[]>;
  readonly delete: (rt: RtnlClient, object: T) => unknown;
  readonly create: (rt: RtnlClient, object: T) => unknown;
  /** Members of the pictures that do not come back, with the reason. */
  readonly ignore?: Readonly<Record<string, string>>;
}

export interface Differential<T> {
  /** The kind of links that the cases are about: it has run when one of them shows the same state. */
  readonly kind?: string;
  /** Command lines run in both namespaces before every case. `lo` is up already. */
  readonly prepare?: readonly string[];
  readonly needs?: readonly Feature[];
  readonly show?: string | readonly string[];
  readonly cases: readonly DifferentialCase<T>[];
  readonly roundTrip?: RoundTrip<T>;
}

/** Declares the tests of a group of cases. */
export function differential<T>(name: string, group: Differential<T>): void {
  needs(...(group.needs ?? [])).describe(name, () => {
    for (const one of group.cases) {
      const title = one.name ?? one.ip.at(-1) ?? '';
      needs(...(one.needs ?? [])).describe(title, () => declare(group, one));
    }
  });
}

function declare<T>(group: Differential<T>, one: DifferentialCase<T>): void {
  const theirs = uniqueName('di');
  const ours = uniqueName('dn');
  const spaces: netns.Netns[] = [];
  const commands = ['ip link set lo up', ...(group.prepare ?? []), ...(one.prepare ?? [])];
  const shown = one.show ?? group.show;
  if (shown === undefined) throw new Error('a case needs a command that shows what it did');
  const shows = typeof shown === 'string' ? [shown] : shown;
  const given = [...commands, ...one.ip].join(' ');
  const picture = (netns: string): Json => comparable(shows.map((show) => look(show, netns)));

  const expectAlike = (actual: Json, expected: Json, ignored: Readonly<Record<string, string>> = {}): void => {
    expect(alike(actual, expected, given, ignored)).toEqual(alike(expected, expected, given, ignored));
  };

  let rt: RtnlClient;
  let before: Json;
  let sent: readonly Sent[] = [];

  beforeAll(async () => {
    for (const name of [theirs, ours]) {
      spaces.push(await netns.create(name));
      runBatch(commands, { netns: name });
    }
    before = picture(theirs);
    expectAlike(picture(ours), before, one.ignore);
    sent = capture(one.ip, theirs);
    rt = await open({ netns: ours });
  });
  afterAll(async () => {
    rt?.close();
    for (const namespace of spaces) {
      await namespace.delete();
      namespace.close();
    }
  });

  test('the same state', async ({ task }) => {
    if (group.kind !== undefined) task.meta.kind = group.kind;
    await one.netloom(rt);
    const expected = picture(theirs);
    expect(expected, 'the commands must change what is shown').not.toEqual(before);
    expectAlike(picture(ours), expected, one.ignore);
  });

  if (one.bytesDiffer === undefined)
    test('the same bytes', () => {
      expect(sent.length).toBeGreaterThan(0);
      for (const message of sent) expectWhole(message);
    });

  const roundTrip = one.roundTrip ?? group.roundTrip;
  if (roundTrip)
    test('round trip', async () => {
      const expected = picture(ours);
      const objects = await roundTrip.list(rt);
      expect(objects.length, 'the list must not be empty').toBeGreaterThan(0);
      for (const object of [...objects].reverse()) await roundTrip.delete(rt, object);
      expect(picture(ours), 'what was deleted must be gone').not.toEqual(expected);
      for (const object of objects) await roundTrip.create(rt, object);
      expectAlike(picture(ours), expected, { ...one.ignore, ...roundTrip.ignore });
    });
}

/** What a tool shows; an object that is not there is shown by its refusal. */
function look(show: string, netns: string): Json {
  const [file = '', ...args] = show.split(/ +/);
  let output: string;
  try {
    output = tool([file, '-d', '-j', ...args], { netns }).trim();
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    if (stderr === undefined || !/does not exist|No such|Cannot find/.test(stderr)) throw error;
    return 'absent';
  }
  const entries: Json[] = output === '' ? [] : JSON.parse(output);
  return entries.filter((entry) => Object.keys(entry).length > 0);
}
