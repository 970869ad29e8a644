/** What becomes of a packet, as libnftables-json(5) has it: `{ accept: null }`, `{ jump: { target: 'web' } }`. */
export type VerdictStatement =
  | { readonly accept: null }
  | { readonly drop: null }
  | { readonly continue: null }
  | { readonly return: null }
  | { readonly jump: { readonly target: string } }
  | { readonly goto: { readonly target: string } };
