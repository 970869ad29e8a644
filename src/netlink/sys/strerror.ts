/**
 * errno values by the texts of strerror(3), for errors that carry nothing else. In the order of the numbers, from 1; glibc says "Unknown error 41" of those
 * that are not used.
 */
const glibcTexts = `
Operation not permitted|No such file or directory|No such process|Interrupted system call|Input/output error|
No such device or address|Argument list too long|Exec format error|Bad file descriptor|No child processes|
Resource temporarily unavailable|Cannot allocate memory|Permission denied|Bad address|Block device required|
Device or resource busy|File exists|Invalid cross-device link|No such device|Not a directory|Is a directory|Invalid argument|
Too many open files in system|Too many open files|Inappropriate ioctl for device|Text file busy|File too large|
No space left on device|Illegal seek|Read-only file system|Too many links|Broken pipe|Numerical argument out of domain|
Numerical result out of range|Resource deadlock avoided|File name too long|No locks available|Function not implemented|
Directory not empty|Too many levels of symbolic links||No message of desired type|Identifier removed|
Channel number out of range|Level 2 not synchronized|Level 3 halted|Level 3 reset|Link number out of range|
Protocol driver not attached|No CSI structure available|Level 2 halted|Invalid exchange|Invalid request descriptor|
Exchange full|No anode|Invalid request code|Invalid slot||Bad font file format|Device not a stream|No data available|
Timer expired|Out of streams resources|Machine is not on the network|Package not installed|Object is remote|
Link has been severed|Advertise error|Srmount error|Communication error on send|Protocol error|Multihop attempted|
RFS specific error|Bad message|Value too large for defined data type|Name not unique on network|File descriptor in bad state|
Remote address changed|Can not access a needed shared library|Accessing a corrupted shared library|
.lib section in a.out corrupted|Attempting to link in too many shared libraries|Cannot exec a shared library directly|
Invalid or incomplete multibyte or wide character|Interrupted system call should be restarted|Streams pipe error|Too many users|
Socket operation on non-socket|Destination address required|Message too long|Protocol wrong type for socket|
Protocol not available|Protocol not supported|Socket type not supported|Operation not supported|Protocol family not supported|
Address family not supported by protocol|Address already in use|Cannot assign requested address|Network is down|
Network is unreachable|Network dropped connection on reset|Software caused connection abort|Connection reset by peer|
No buffer space available|Transport endpoint is already connected|Transport endpoint is not connected|
Cannot send after transport endpoint shutdown|Too many references: cannot splice|Connection timed out|Connection refused|
Host is down|No route to host|Operation already in progress|Operation now in progress|Stale file handle|
Structure needs cleaning|Not a XENIX named type file|No XENIX semaphores available|Is a named type file|Remote I/O error|
Disk quota exceeded|No medium found|Wrong medium type|Operation canceled|Required key not available|Key has expired|
Key has been revoked|Key was rejected by service|Owner died|State not recoverable|Operation not possible due to RF-kill|
Memory page has hardware error`;

/** Where musl says something else. */
const muslTexts: Readonly<Record<string, number>> = {
  'I/O error': 5, // EIO
  'No child process': 10, // ECHILD
  'Out of memory': 12, // ENOMEM
  'Resource busy': 16, // EBUSY
  'Cross-device link': 18, // EXDEV
  'No file descriptors available': 24, // EMFILE
  'Not a tty': 25, // ENOTTY
  'Invalid seek': 29, // ESPIPE
  'Domain error': 33, // EDOM
  'Result not representable': 34, // ERANGE
  'Resource deadlock would occur': 35, // EDEADLK
  'Filename too long': 36, // ENAMETOOLONG
  'Symbolic link loop': 40, // ELOOP
  'Device timeout': 62, // ETIME
  'Value too large for data type': 75, // EOVERFLOW
  'Illegal byte sequence': 84, // EILSEQ
  'Not a socket': 88, // ENOTSOCK
  'Message too large': 90, // EMSGSIZE
  'Not supported': 95, // EOPNOTSUPP
  'Address in use': 98, // EADDRINUSE
  'Address not available': 99, // EADDRNOTAVAIL
  'Network unreachable': 101, // ENETUNREACH
  'Connection reset by network': 102, // ENETRESET
  'Connection aborted': 103, // ECONNABORTED
  'Socket is connected': 106, // EISCONN
  'Socket not connected': 107, // ENOTCONN
  'Cannot send after socket shutdown': 108, // ESHUTDOWN
  'Operation timed out': 110, // ETIMEDOUT
  'Host is unreachable': 113, // EHOSTUNREACH
  'Operation in progress': 115, // EINPROGRESS
  'Quota exceeded': 122, // EDQUOT
  'Previous owner died': 130, // EOWNERDEAD
};

let numbers: Map<string, number> | undefined;

/** The errno value that strerror(3) of glibc or musl describes by `text` in the C locale; undefined: no such text is known. */
export function errnoByText(text: string): number | undefined {
  numbers ??= byText();
  return numbers.get(text) ?? unknownNumber(text);
}

function byText(): Map<string, number> {
  const known = new Map(Object.entries(muslTexts));
  for (const [i, text] of glibcTexts.replaceAll('\n', '').split('|').entries()) if (text !== '') known.set(text, i + 1);
  return known;
}

/** "Unknown error 524": what glibc says of the kernel's own codes. */
function unknownNumber(text: string): number | undefined {
  const digits = /^Unknown error (\d+)$/.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
