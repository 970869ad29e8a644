/** What a program would do, without doing it. */
import type { Request } from '../netlink/operation.ts';
import type { Outcome, Program, Step } from '../netlink/program.ts';
import type { LinkMessageInput } from '../rtnl/link/message.ts';
import type { LinkRead } from '../rtnl/link/view.ts';
import { messageText, readableValue } from './planned-message.ts';

/** Something that would be done. */
export type PlannedStep =
  | {
      /** Where: in the network's namespace, or in that of the endpoint. */
      readonly where: 'network' | 'endpoint';
      /** Constant of the message: `RTM_NEWLINK`. */
      readonly message: string;
      /** What it is about. */
      readonly subject: string;
      /** Its content by the names of netloom's schemas. The index 0 stands for that of a link that would be made. */
      readonly value: object;
      /** The same for people, as `NODE_DEBUG=netloom` prints it: one line an attribute, by the names of the kernel's constants. */
      readonly text: string;
    }
  | {
      /** Where: in the network's namespace, or in that of the endpoint. */
      readonly where: 'network' | 'endpoint';
      /** What would be set, as sysctl(8) names it: `net.ipv4.ip_forward`. */
      readonly sysctl: string;
      /** What would be written there. */
      readonly value: string;
    };

/** Runs a program so that it reads and opens, but changes nothing: what it would change is added to `plan`, and succeeds as far as the program can see. `network`: its link. */
export function* planning<T>(program: Program<T>, plan: PlannedStep[], network: LinkRead): Program<T> {
  let next = program.next();
  while (!next.done) {
    const step = next.value;
    let result: unknown;
    try {
      result = stands(step) ? yield step : answered(step, plan, network);
    } catch (error) {
      next = program.throw(error);
      continue;
    }
    next = program.next(result);
  }
  return next.value;
}

/** Whether a step changes nothing, and is about what is there. */
function stands(step: Step): boolean {
  switch (step.op) {
    case 'request':
      return isReading(step.request);
    case 'requests':
      return step.requests.every(isReading);
    case 'sysctl':
      return step.value === undefined;
    case 'section':
    case 'transaction':
    case 'ioctl':
      return false;
    default:
      return true;
  }
}

function isReading({ expects, value }: Request): boolean {
  return (expects === 'reply' && (value as { index?: number }).index !== 0) || expects === 'dump';
}

function answered(step: Step, plan: PlannedStep[], network: LinkRead): unknown {
  const where = 'scope' in step && step.scope !== undefined ? 'endpoint' : 'network';
  const answer = (request: Request): unknown => {
    const { operation, subject, value, expects } = request;
    if (expects === 'reply' && (value as LinkMessageInput).index === network.index) return network;
    if (expects === 'reply') return { index: 0, operState: 'up', master: network.index, flags: 0, type: 1 } satisfies Partial<LinkRead>;
    plan.push({ where, message: operation.name, subject, value: readableValue(request), text: messageText(request) });
    return expects === 'echo' ? [{ ...value, index: 0, link: 0 }] : undefined;
  };
  switch (step.op) {
    case 'request':
      return answer(step.request);
    case 'requests':
      return step.requests.map((request): Outcome<unknown> => ({ ok: true, value: answer(request) }));
    case 'transaction':
      return step.requests.map(answer);
    case 'sysctl':
      plan.push({ where, sysctl: step.name, value: step.value! });
      return undefined;
    default:
      // a lock: there is nothing to be kept from others
      return [];
  }
}
