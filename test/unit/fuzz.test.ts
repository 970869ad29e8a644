/** A short run of the fuzzer; `npm run fuzz` is the long one. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { check, corpus, decodersHold } from '../support/fuzz.ts';

describe('decoders', { timeout: 120_000 }, () => {
  test('take every message of the corpus', () => {
    const samples = corpus();
    expect(samples.length).toBeGreaterThan(100);
    for (const sample of samples) check(sample);
  });

  test('answer mutated messages with a value or a typed error', () => {
    fc.assert(decodersHold(), { numRuns: 400 });
  });
});
