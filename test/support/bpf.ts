/** BPF programs for what routes and links can have run on packets: each lets every packet through. Source: include/uapi/linux/bpf.h. */
import { closeSync } from 'node:fs';
import type { Feature } from './kernel.ts';
import { ownFfi } from './own-ffi.ts';

/** enum bpf_prog_type. */
const programTypes = { xdp: 6, in: 10, out: 11, xmit: 12, seg6local: 19 } as const;
const XDP_PASS = 2;
const numbers: Readonly<Record<string, number>> = { x64: 321, arm64: 280 };
const BPF_PROG_LOAD = 5;
const BPF_OBJ_GET_INFO_BY_FD = 15;

let syscall: ((number: number, command: number, attributes: Buffer, size: number) => number) | undefined;

/** bpf(2): loads `r0 = BPF_OK; exit`, for XDP `r0 = XDP_PASS; exit`. @returns its descriptor, or -1 where the kernel or the user namespace has none for us */
export function loadProgram(type: keyof typeof programTypes): number {
  const number = numbers[process.arch];
  if (number === undefined) return -1;
  syscall ??= ownFfi().load(null).func('long syscall(long number, int command, void *attributes, uint32_t size)');
  const instructions = Buffer.from('b700000000000000' + '9500000000000000', 'hex');
  if (type === 'xdp') instructions[4] = XDP_PASS;
  const license = Buffer.from('GPL\0');
  const attributes = Buffer.alloc(128);
  attributes.writeUInt32LE(programTypes[type], 0);
  attributes.writeUInt32LE(instructions.length / 8, 4);
  attributes.writeBigUInt64LE(ownFfi().address(instructions), 8);
  attributes.writeBigUInt64LE(ownFfi().address(license), 16);
  const fd = syscall(number, BPF_PROG_LOAD, attributes, attributes.length);
  // the kernel reads by address: both live until here
  return instructions.length > 0 && license.length > 0 ? fd : -1;
}

/** The kernel's id of a program that {@link loadProgram} has loaded. */
export function programId(fd: number): number {
  const info = Buffer.alloc(256);
  const attributes = Buffer.alloc(16);
  attributes.writeUInt32LE(fd, 0);
  attributes.writeUInt32LE(info.length, 4);
  attributes.writeBigUInt64LE(ownFfi().address(info), 8);
  if (syscall?.(numbers[process.arch]!, BPF_OBJ_GET_INFO_BY_FD, attributes, attributes.length) !== 0)
    throw new Error(`no program is open as ${fd}`);
  return info.readUInt32LE(4);
}

/** Whether programs of a type can be loaded: it takes CAP_BPF and CAP_NET_ADMIN of the machine. */
export const bpfPrograms = (type: keyof typeof programTypes): Feature => ({
  feature: `BPF programs of type ${type}`,
  missing: () => {
    const fd = loadProgram(type);
    if (fd >= 0) closeSync(fd);
    return fd < 0;
  },
});
