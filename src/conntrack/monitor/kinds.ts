/** What a monitor of conntrack can tell of. Source: include/uapi/linux/netfilter/nfnetlink.h (enum nfnetlink_groups). */
import { NLM_F_CREATE } from '../../netlink/message.ts';
import type { MonitorContext } from '../../netlink/monitor-feed.ts';
import { type MonitorKind, sameExcept } from '../../netlink/monitor-kind.ts';
import { type Expectation, expectationFromWire } from '../expectation/expectation.ts';
import { deleteExpectation, expectationMessage, newExpectation } from '../expectation/message.ts';
import { expectationPrograms } from '../expectation/programs.ts';
import { type Flow, flowFromWire } from '../flow/flow.ts';
import { deleteFlow, flowMessage, newFlow } from '../flow/message.ts';
import { flowPrograms } from '../flow/programs.ts';

const NFNLGRP_CONNTRACK_NEW = 1;
const NFNLGRP_CONNTRACK_UPDATE = 2;
const NFNLGRP_CONNTRACK_DESTROY = 3;
const NFNLGRP_CONNTRACK_EXP_NEW = 4;
const NFNLGRP_CONNTRACK_EXP_UPDATE = 5;
const NFNLGRP_CONNTRACK_EXP_DESTROY = 6;

/** The groups of a kind by what they tell. */
export const groupsOf = {
  flow: { new: NFNLGRP_CONNTRACK_NEW, change: NFNLGRP_CONNTRACK_UPDATE, delete: NFNLGRP_CONNTRACK_DESTROY },
  expectation: { new: NFNLGRP_CONNTRACK_EXP_NEW, change: NFNLGRP_CONNTRACK_EXP_UPDATE, delete: NFNLGRP_CONNTRACK_EXP_DESTROY },
} as const;

const flow: MonitorKind<Flow, MonitorContext> = {
  groups: Object.values(groupsOf.flow),
  types: { [newFlow.type]: 'new', [deleteFlow.type]: 'delete' },
  decode: ({ bytes, offset, length }) => flowFromWire(flowMessage.decode(bytes, offset, length)),
  changes: ({ flags }) => (flags & NLM_F_CREATE) === 0,
  listing: {
    list: () => flowPrograms.list({}),
    key: ({ original, zone = 0 }) => JSON.stringify([zone, original]),
    // it loses time and is counted without a word
    same: sameExcept('timeout', 'counters', 'use', 'eventTime'),
    // a message tells what has changed, and of the rest a part
    apply: ([known], action, told) =>
      action === 'delete' ? [] : [known === undefined || known.id !== told.id ? told : { ...known, ...told }],
    last: (known, told) =>
      known.id === told.id ? { ...known, ...told, status: told.status.length > 0 ? told.status : known.status } : told,
  },
};

const expectation: MonitorKind<Expectation, MonitorContext> = {
  groups: Object.values(groupsOf.expectation),
  types: { [newExpectation.type]: 'new', [deleteExpectation.type]: 'delete' },
  decode: ({ bytes, offset, length }) => expectationFromWire(expectationMessage.decode(bytes, offset, length)),
  changes: ({ flags }) => (flags & NLM_F_CREATE) === 0,
  listing: {
    list: () => expectationPrograms.list({}),
    key: ({ tuple, mask, zone = 0 }) => JSON.stringify([zone, tuple, mask]),
    same: sameExcept('timeout'),
  },
};

export const conntrackKinds = { flow, expectation } as const;
