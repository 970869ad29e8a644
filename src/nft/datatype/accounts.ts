/** Names of users and groups, as this machine's files have them. Sources: passwd(5), group(5). */
import { InputError } from '../../netlink/errors.ts';
import { show } from '../../netlink/scalar.ts';

const files = { uid: '/etc/passwd', gid: '/etc/group' } as const;

/** The number of a user or a group. The file is read each time: it may change. @throws InputError when it has no such name */
export function accountNumber(type: keyof typeof files, name: string): number {
  let text: string;
  try {
    text = process.getBuiltinModule('node:fs').readFileSync(files[type], 'utf8');
  } catch (error) {
    throw new InputError('', `${show(name)} is not looked up: ${(error as Error).message}`);
  }
  for (const line of text.split('\n')) {
    const [found, , number] = line.split(':');
    if (found === name && number !== undefined && /^\d{1,10}$/.test(number)) return Number(number);
  }
  throw new InputError('', `${show(name)} is no number and no ${type === 'uid' ? 'user' : 'group'} of ${files[type]}`);
}
