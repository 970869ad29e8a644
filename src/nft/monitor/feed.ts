/** Makes events of what nf_tables tells: a transaction is told as one, when its end has come. */
import { MalformedMessageError } from '../../netlink/errors.ts';
import type { Emit, MalformedEvent, MonitorFeed, Synchronization, SynchronizationReason } from '../../netlink/monitor.ts';
import type { Notification } from '../../netlink/monitor-socket.ts';
import type { Program } from '../../netlink/program.ts';
import { getGeneration } from '../generation.ts';
import { NFNL_SUBSYS_NFTABLES } from '../nfnetlink.ts';
import { rulesOfBlocks, setsForReading } from '../read-rules.ts';
import { type Ruleset, ruleset } from '../ruleset.ts';
import { setPrograms } from '../sets.ts';
import { ChangeReader, type NftChange } from './changes.ts';

/** What somebody changed, all at once. */
export interface TransactionEvent {
  /** Tells the events apart. */
  readonly kind: 'transaction';
  /** Generation of the ruleset that it made. */
  readonly generation: number;
  /** Id of the process that made it, as its own namespace of processes has it. */
  readonly pid: number;
  /** Name of that process: at most 15 bytes. */
  readonly process: string;
  /** In the order in which the kernel carried them out. */
  readonly changes: readonly NftChange[];
}

/** All there is, at one moment; transactions that follow have later generations. */
export interface RulesetEvent {
  /** Tells the events apart. */
  readonly kind: 'ruleset';
  /** All there is. */
  readonly ruleset: Ruleset;
}

/** What a monitor of nf_tables tells besides overruns. */
export type NftEvent = TransactionEvent | RulesetEvent;

const NFT_MSG_NEWGEN = (NFNL_SUBSYS_NFTABLES << 8) | 15;

export interface NftFeedOptions {
  readonly initial: boolean;
  readonly resync: boolean;
  readonly statements: boolean;
  readonly run: <T>(program: Program<T>, signal: AbortSignal) => Promise<T>;
}

export class NftFeed implements MonitorFeed<NftEvent> {
  private readonly options: NftFeedOptions;
  private readonly reader: ChangeReader;
  /** Transactions up to this generation are in the ruleset that was told. */
  private told: number | undefined;

  constructor(options: NftFeedOptions) {
    this.options = options;
    this.reader = new ChangeReader(options.statements);
  }

  accept(notification: Notification, emit: Emit<NftEvent | MalformedEvent>): void {
    const { type, bytes, offset, length } = notification;
    try {
      if (type !== NFT_MSG_NEWGEN) {
        this.reader.accept(notification);
        return;
      }
      const { id = 0, pid = 0, process = '' } = getGeneration.reply.decode(bytes, offset, length);
      const changes = this.reader.take();
      // generations are numbers of 32 bits that begin anew
      if (this.told !== undefined && ((id - this.told) | 0) <= 0) return;
      emit({ kind: 'transaction', generation: id, pid, process, changes });
    } catch (error) {
      if (!(error instanceof MalformedMessageError)) throw error;
      emit({ kind: 'malformed', error, type, body: Uint8Array.from(bytes.subarray(offset, offset + length)) });
    }
  }

  synchronize(reason: SynchronizationReason): Synchronization<NftEvent> {
    const { initial, resync, statements, run } = this.options;
    const whole = reason === 'initial' ? initial : resync;
    let found: Ruleset | undefined;
    return {
      announced: whole,
      load: async (signal) => {
        if (!whole) {
          if (statements) this.reader.learn(await run(setsForReading({}), signal), await run(rulesOfBlocks(), signal));
          else this.reader.learn(await run(setPrograms.list({ anonymous: true }), signal));
          return;
        }
        found = await run(ruleset({ statements }), signal);
        this.reader.learn(found.sets, found.rules);
      },
      finish: () => this.finish(reason, found),
    };
  }

  private *finish(reason: SynchronizationReason, found: Ruleset | undefined): Generator<NftEvent, void, void> {
    // what is left of a transaction whose end was lost is none
    if (reason !== 'initial') this.reader.take();
    if (found === undefined) return;
    this.told = found.generation;
    yield { kind: 'ruleset', ruleset: found };
  }
}
