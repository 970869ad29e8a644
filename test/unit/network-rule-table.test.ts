/** Tables that come and go while somebody changes what their sets hold: programs driven by hand, without a kernel. */
import { expect, test } from 'vitest';
import { NetlinkError } from '../../src/netlink/errors.ts';
import { changeTable, type RuleTable, setOf } from '../../src/network/rule-table.ts';
import { change } from '../../src/nft/change/change.ts';

const table = { family: 'inet', name: 'mine' } as const;
const links = setOf(table, 'links', { type: 'ifname' });
const of: RuleTable = { table, links, sets: [], chains: [] };

const refused = (errno: number): NetlinkError => new NetlinkError({ syscall: 'NFT_MSG_NEWSETELEM', subject: 'a', errno });
const [missing, exists] = [refused(2), refused(17)];

/** What the kernel says to each of the program's steps; undefined: it does it. @returns what was sent, by the first message of each */
function sent(answers: readonly (Error | undefined)[]): string[] {
  const program = changeTable(of, [change.elements.ensure(links, ['eth0'])]);
  const messages: string[] = [];
  let next = program.next();
  while (!next.done) {
    const step = next.value as { request?: { operation: { name: string } }; requests?: { operation: { name: string } }[] };
    const first = step.requests?.find(({ operation }) => operation.name.startsWith('NFT_')) ?? step.request;
    messages.push(first!.operation.name);
    const answer = answers[messages.length - 1];
    next =
      answer === undefined ? program.next(step.requests === undefined ? {} : step.requests.map(() => undefined)) : program.throw(answer);
  }
  return messages;
}

const [changing, looking, making] = ['NFT_MSG_NEWSETELEM', 'NFT_MSG_GETTABLE', 'NFT_MSG_NEWTABLE'];

test.each<[string, (Error | undefined)[], (string | undefined)[]]>([
  ['is there', [undefined], [changing]],
  ['is not there', [missing, missing, undefined], [changing, looking, making]],
  ['was made by somebody else before this looked', [missing, undefined, undefined], [changing, looking, changing]],
  ['was made by somebody else before this made it', [missing, missing, exists, undefined], [changing, looking, making, changing]],
  [
    'was made by somebody else, and deleted again',
    [missing, missing, exists, missing, missing, undefined],
    [changing, looking, making, changing, looking, making],
  ],
])('a table that %s', (_what, answers, expected) => {
  expect(sent(answers)).toEqual(expected);
});

test('what is missing in a table that stays is an error', () => {
  expect(() => sent([missing, undefined, missing, undefined])).toThrow(missing);
});
