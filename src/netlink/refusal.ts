/** Turns a refusal into an error a person can act on. */
import { NetlinkError, type NetlinkErrorDetail, PermissionError, UnsupportedError } from './errors.ts';
import type { Failure } from './extack.ts';
import { NLMSG_HDRLEN } from './message.ts';
import type { Request } from './operation.ts';
import { errnoName } from './sys/errno.ts';

/** The error for `request`, refused with `failure`. */
export function refusal(request: Request, failure: Failure): NetlinkError {
  const code = errnoName(failure.errno);
  const path = failure.extack === undefined ? undefined : attributePath(request, failure);
  const detail: NetlinkErrorDetail = {
    syscall: request.operation.name,
    subject: request.subject,
    errno: failure.errno,
    ...(failure.extack === undefined ? {} : { extack: failure.extack }),
    ...(path === undefined ? {} : { attribute: request.rename?.(path) ?? path }),
  };
  if (code === 'EPERM' || code === 'EACCES') {
    // of a capability that is lacking the kernel says the errno and no more: it has not looked at the request yet
    if (code === 'EPERM' && failure.extack?.message === undefined && failure.extack?.offset === undefined)
      return new PermissionError(detail);
    const hint = request.operation.forbidden?.[code];
    return new NetlinkError(hint === undefined ? detail : { ...detail, hint });
  }
  if (code === 'EOPNOTSUPP' || code === 'EPROTONOSUPPORT' || code === 'EAFNOSUPPORT' || code === 'ENOTSUPP') {
    const needs = request.operation.needs?.(request.value, failure.extack);
    return new UnsupportedError(needs === undefined ? detail : { ...detail, hint: `needs a kernel with ${needs}` });
  }
  return new NetlinkError(detail);
}

/** Walks the request with its schema to the byte the kernel points at. Encoding is deterministic, so it is done again here, where it is rare. */
function attributePath(request: Request, failure: Failure): string | undefined {
  const { offset, missingType, missingNest } = failure.extack ?? {};
  const bytes = request.operation.body.bytes(request.value);
  const locate = (at: number): string | undefined =>
    at < NLMSG_HDRLEN ? undefined : request.operation.body.locate?.(bytes, 0, bytes.length, at - NLMSG_HDRLEN);
  if (missingType !== undefined) {
    const nest = missingNest === undefined ? undefined : locate(missingNest);
    return `${nest === undefined ? '' : `${nest}.`}attribute ${missingType}, which is missing`;
  }
  return offset === undefined ? undefined : locate(offset);
}
