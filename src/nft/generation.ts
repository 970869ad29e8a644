/** The generation of the ruleset: a number that every transaction changes. Source: include/uapi/linux/netfilter/nf_tables.h (NFTA_GEN_*). */
import { attr, attributes } from '../netlink/attributes.ts';
import type { Infer } from '../netlink/codec.ts';
import { MalformedMessageError } from '../netlink/errors.ts';
import type { Message } from '../netlink/message.ts';
import type { Operation, Request } from '../netlink/operation.ts';
import { ask, type Program } from '../netlink/program.ts';
import { be32 } from '../netlink/scalar.ts';
import { string } from '../netlink/text.ts';
import { type NfGenMsg, nftMessage, nftReading } from './nfnetlink.ts';

const generation_ = attributes('NFTA_GEN', () => ({
  id: attr('NFTA_GEN_ID', 1, be32),
  /** Process that made it. */
  pid: attr('NFTA_GEN_PROC_PID', 2, be32),
  /** Name of that process. */
  process: attr('NFTA_GEN_PROC_NAME', 3, string()),
}));
interface Generation extends Infer<typeof generation_> {}
const message: Message<NfGenMsg & Generation, Partial<NfGenMsg> & Generation> = nftMessage('NFT_MSG_GEN', generation_);

/** NFT_MSG_GETGEN. */
export const getGeneration: Operation<Partial<NfGenMsg> & Generation, NfGenMsg & Generation> = nftReading('NFT_MSG_GETGEN', 16, message);

/** Asks for the generation of the ruleset. */
export const generationRequest: Request<NfGenMsg & Generation, 'reply'> = {
  operation: getGeneration,
  flags: 0,
  value: {},
  expects: 'reply',
  subject: '',
};

/** The generation of the ruleset. A transaction that is given it fails with ERESTART when the ruleset has changed since. */
export function* generation(): Program<number> {
  const reply = yield* ask(generationRequest);
  if (reply.id === undefined) throw new MalformedMessageError('NFT_MSG_NEWGEN', 0, 'a generation id');
  return reply.id;
}
