/** Traces of packets: what {@link NftClient.trace} makes. Source: nft(8), MONITOR. */
import { MalformedMessageError } from '../../netlink/errors.ts';
import type { Host, HostOptions } from '../../netlink/host.ts';
import { checkOptions, memberNames } from '../../netlink/input.ts';
import { type ListenOptions, listen } from '../../netlink/listen.ts';
import { NETLINK_NETFILTER } from '../../netlink/message.ts';
import type { Emit, MalformedEvent, Monitor, MonitorFeed } from '../../netlink/monitor.ts';
import type { Notification } from '../../netlink/monitor-socket.ts';
import type { CallOptions } from '../../netlink/program.ts';
import { type TraceEvent, traceFromWire, traceMessage } from '../trace.ts';

/** Source: include/uapi/linux/netfilter/nfnetlink.h (enum nfnetlink_groups). */
const NFNLGRP_NFTRACE = 9;

/** A stream of the steps of packets. Listens from the moment it is made; `break`, `close()` and the end of its client end it. */
export interface NftTrace extends Monitor<TraceEvent> {}

export interface NftTraceOptions extends ListenOptions {}

const members = memberNames<Omit<NftTraceOptions, keyof CallOptions>>({ netns: true, receiveBuffer: true, ref: true });

/** Has nothing to learn first: what was not heard of a packet is gone. */
class TraceFeed implements MonitorFeed<TraceEvent> {
  accept({ type, bytes, offset, length }: Notification, emit: Emit<TraceEvent | MalformedEvent>): void {
    if (type !== traceMessage.type) return;
    try {
      emit(traceFromWire(traceMessage.body.decode(bytes, offset, length)));
    } catch (error) {
      if (!(error instanceof MalformedMessageError)) throw error;
      emit({ kind: 'malformed', error, type, body: Uint8Array.from(bytes.subarray(offset, offset + length)) });
    }
  }
}

/** @throws InputError, NotFoundError for `netns` */
export function openTrace(host: Host, hostOptions: HostOptions, options: NftTraceOptions, onClose: () => void): NftTrace {
  checkOptions(options, 'options', members);
  return listen({ host, hostOptions, onClose }, { protocol: NETLINK_NETFILTER, groups: [NFNLGRP_NFTRACE] }, options, () => new TraceFeed());
}
