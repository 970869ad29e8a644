/** The part of buffer-layout 1.2.2 that struct.ts uses; the package ships no types. Internal: no public declaration names it. */
declare module 'buffer-layout' {
  export class Layout {
    readonly span: number;
    readonly property?: string;
    decode(bytes: Buffer, offset?: number): unknown;
    encode(value: unknown, bytes: Buffer, offset?: number): number;
  }
  export class UInt extends Layout {}
  export class UIntBE extends Layout {}
  export class Int extends Layout {}
  export class Blob extends Layout {}
  export class Structure extends Layout {
    readonly fields: readonly Layout[];
  }
  export function u8(property?: string): UInt;
  export function u16(property?: string): UInt;
  export function u32(property?: string): UInt;
  export function s8(property?: string): Int;
  export function s32(property?: string): Int;
  export function u16be(property?: string): UIntBE;
  export function u32be(property?: string): UIntBE;
  export function nu64(property?: string): Layout;
  export function blob(length: number, property?: string): Blob;
  export function struct(fields: readonly Layout[], property?: string): Structure;
}
