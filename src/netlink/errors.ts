/**
 * Every error that netloom throws. One base class, one class per thing that can have gone wrong, Node's conventions
 * (`code`, `errno`, `syscall`) on each, so that callers test `code` or `instanceof` and never a text.
 */
import { lacksNetAdmin } from './lacking.ts';
import { errnoMessage, errnoName } from './sys/errno.ts';

/** Base class of every error thrown by netloom. */
export class NetloomError extends Error {
  override name = 'NetloomError';
  /** Machine-readable reason: an errno name (`'EEXIST'`) or a Node-style code (`'ERR_INVALID_ARG_VALUE'`). */
  readonly code: string;
  /** Positive errno value, where the error has one. */
  declare readonly errno?: number;

  constructor(message: string, code: string, options?: ErrorOptions & { errno?: number }) {
    super(message, options);
    this.code = code;
    if (options?.errno !== undefined) this.errno = options.errno;
  }
}

/** Which kind of badness an {@link InputError} reports, as Node names them. */
export type InputErrorCode = 'ERR_INVALID_ARG_TYPE' | 'ERR_INVALID_ARG_VALUE' | 'ERR_OUT_OF_RANGE' | 'ERR_UNKNOWN_OPTION';

/** An argument is wrong. Thrown before anything is sent: the kernel's state is untouched. */
export class InputError extends NetloomError {
  override name = 'InputError';
  declare readonly code: InputErrorCode;
  /** Dotted path of the offending argument, such as `peer.name`. */
  argument: string;
  /** What is wrong with it, without the path. */
  readonly reason: string;

  constructor(argument: string, reason: string, code: InputErrorCode = 'ERR_INVALID_ARG_VALUE') {
    super(argument === '' ? reason : `${argument}: ${reason}`, code);
    this.argument = argument;
    this.reason = reason;
  }

  /** Prefix the path; called while the encoder unwinds, so that correct input pays nothing for it. */
  within(label: string): this {
    this.argument = this.argument === '' || this.argument.startsWith('[') ? `${label}${this.argument}` : `${label}.${this.argument}`;
    this.message = `${this.argument}: ${this.reason}`;
    return this;
  }

  /** Replaces the path by what the caller called it. */
  renamed(rename: (path: string) => string): this {
    this.argument = rename(this.argument);
    this.message = this.argument === '' ? this.reason : `${this.argument}: ${this.reason}`;
    return this;
  }
}

/** Something an argument names does not exist: a link, a namespace, a process, a table. */
export class NotFoundError extends NetloomError {
  override name = 'NotFoundError';
  /** Dotted path of the argument that named it. */
  readonly argument: string;
  /** What was looked for, such as `link "eth9"`. */
  readonly subject: string;

  constructor(argument: string, subject: string, code: 'ENODEV' | 'ENOENT' | 'ESRCH' | 'ENOTDIR', options?: ErrorOptions) {
    super(`${argument === '' ? '' : `${argument}: `}${subject} does not exist`, code, options);
    this.argument = argument;
    this.subject = subject;
  }
}

/** A libc call failed. */
export class SystemError extends NetloomError {
  override name = 'SystemError';
  declare readonly errno: number;
  /** The call that failed, such as `setns`. */
  readonly syscall: string;
  /** The path it was about, where there is one. */
  declare readonly path?: string;

  constructor(syscall: string, errno: number, detail?: { path?: string; message?: string }) {
    const name = errnoName(errno);
    const where = detail?.path === undefined ? '' : ` '${detail.path}'`;
    super(`${syscall}${where}: ${name}: ${detail?.message ?? errnoMessage(errno)}`, name, { errno });
    this.syscall = syscall;
    if (detail?.path !== undefined) this.path = detail.path;
  }
}

/** Bytes received do not have the shape that their type promises. */
export class MalformedMessageError extends NetloomError {
  override name = 'MalformedMessageError';
  /** Byte offset within the decoded buffer. */
  readonly offset: number;
  /** What was expected there. */
  readonly expected: string;

  constructor(what: string, offset: number, expected: string) {
    super(`malformed ${what} at byte ${offset}: expected ${expected}`, 'EBADMSG');
    this.offset = offset;
    this.expected = expected;
  }
}

/** No answer within the time given: the kernel may still carry the request out. Or what was waited for did not come. */
export class TimeoutError extends NetloomError {
  override name = 'TimeoutError';
  constructor(what: string, milliseconds: number, missed?: string) {
    super(
      missed === undefined
        ? `${what}: no answer within ${milliseconds} ms; the kernel may still carry it out`
        : `${what}: ${missed} within ${milliseconds} ms`,
      'ETIMEDOUT',
    );
  }
}

/** The client or socket was closed before or while the request was pending. */
export class ClosedError extends NetloomError {
  override name = 'ClosedError';
  constructor(what: string) {
    super(`${what} is closed`, 'ERR_CLOSED');
  }
}

/**
 * The answer to a request was lost, because the receive buffer overflowed (`code` is `ENOBUFS`) or what came could not be taken in (`cause`
 * says why, and has the same `code`): whether the request was carried out is unknown.
 */
export class OutcomeUnknownError extends NetloomError {
  override name = 'OutcomeUnknownError';
  constructor(what: string, cause?: Error) {
    const reason = cause === undefined ? 'receive buffer overrun' : cause.message;
    const code = cause === undefined ? 'ENOBUFS' : cause instanceof NetloomError ? cause.code : 'EIO';
    super(
      `${what}: the kernel's answer was lost (${reason}); whether it took effect is unknown`,
      code,
      cause === undefined ? undefined : { cause },
    );
  }
}

/** A dump stayed inconsistent through every retry (NLM_F_DUMP_INTR). */
export class DumpInterruptedError extends NetloomError {
  override name = 'DumpInterruptedError';
  constructor(what: string, attempts: number) {
    super(`${what}: the objects changed during each of ${attempts} dumps; the listing would be inconsistent`, 'EINTR');
  }
}

/** What the kernel said beside the errno: extended ack attributes (NLMSGERR_ATTR_*). */
export interface ExtendedAck {
  /** The kernel's own words. */
  readonly message?: string;
  /** Byte offset of the attribute complained about, from the start of the request's nlmsghdr. */
  readonly offset?: number;
  /** Arbitrary bytes an operation may return. */
  readonly cookie?: Uint8Array;
  /** What the attribute should have been (NLMSGERR_ATTR_POLICY), undecoded. */
  readonly policy?: Uint8Array;
  /** Type of an attribute that is missing. */
  readonly missingType?: number;
  /** Offset of the nest it is missing from. */
  readonly missingNest?: number;
}

/** What a {@link NetlinkError} is made of. */
export interface NetlinkErrorDetail {
  /** Message type, such as `RTM_NEWLINK`. */
  readonly syscall: string;
  /** What was asked, such as `vlan "eth0.5000"`. */
  readonly subject: string;
  /** Positive errno value. */
  readonly errno: number;
  /** What the kernel said beside the errno. */
  readonly extack?: ExtendedAck;
  /** Dotted path of the attribute the kernel points at, such as `info.data.id`. */
  readonly attribute?: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** The kernel refused a request. */
export class NetlinkError extends NetloomError {
  override name = 'NetlinkError';
  declare readonly errno: number;
  /** Message type of the request, such as `RTM_NEWLINK`. */
  readonly syscall: string;
  /** What was asked, such as `vlan "eth0.5000"`. */
  readonly subject: string;
  /** Dotted path of the attribute the kernel points at, where it points at one. */
  declare readonly attribute?: string;
  /** The kernel's own words and pointers. */
  declare readonly extack?: ExtendedAck;

  constructor(detail: NetlinkErrorDetail) {
    const code = errnoName(detail.errno);
    const what = detail.subject === '' ? detail.syscall : `${detail.syscall} ${detail.subject}`;
    const at = detail.attribute === undefined ? '' : `  (at ${detail.attribute})`;
    const hint = detail.hint === undefined ? '' : `; ${detail.hint}`;
    super(`${what}: ${code}: ${detail.extack?.message ?? errnoMessage(detail.errno)}${at}${hint}`, code, { errno: detail.errno });
    this.syscall = detail.syscall;
    this.subject = detail.subject;
    if (detail.attribute !== undefined) this.attribute = detail.attribute;
    if (detail.extack !== undefined) this.extack = detail.extack;
  }
}

/**
 * The kernel refused because a privilege is missing (EPERM). What it forbids for another reason, to root as well (a table that belongs to
 * another socket, an address of IPv6 where that is switched off), is a plain {@link NetlinkError}.
 */
export class PermissionError extends NetlinkError {
  override name = 'PermissionError';
  /** The capability that is needed, over the user namespace that owns the network namespace. */
  readonly capability = 'CAP_NET_ADMIN';

  constructor(detail: NetlinkErrorDetail) {
    super({ ...detail, hint: detail.hint ?? lacksNetAdmin() });
  }
}

/** This kernel cannot do it (EOPNOTSUPP, EPROTONOSUPPORT, EAFNOSUPPORT): not built in, or too old. */
export class UnsupportedError extends NetlinkError {
  override name = 'UnsupportedError';
}
