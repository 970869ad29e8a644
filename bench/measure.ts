/** Runs peers in turns and compares medians: these machines are noisy, so a figure only counts beside its peer's of the same run. */

export interface Peer {
  readonly name: string;
  /** One measurement, in the benchmark's unit; undefined: the peer is not there. */
  readonly run: () => Promise<number | undefined> | number | undefined;
  /** How to get it, for the report, when it is absent. */
  readonly install?: string;
}

export interface Benchmark {
  readonly name: string;
  /** Unit of the figures, such as `us a request`. */
  readonly unit: string;
  /** The first peer is netloom's; ratios are of the others to it. */
  readonly peers: readonly Peer[];
  readonly rounds: number;
  /** What all peers need, made before the first round. */
  readonly prepare?: () => Promise<void> | void;
  /** Undoes `prepare`, also when a peer failed. */
  readonly finish?: () => Promise<void> | void;
}

export interface Figure {
  readonly peer: string;
  readonly median: number;
  readonly minimum: number;
  readonly maximum: number;
}

export interface Result {
  readonly benchmark: string;
  readonly unit: string;
  readonly figures: readonly Figure[];
  readonly absent: readonly string[];
}

export async function measure(benchmark: Benchmark): Promise<Result> {
  const samples = new Map<Peer, number[]>();
  const absent = new Set<Peer>();
  await benchmark.prepare?.();
  try {
    for (let round = 0; round < benchmark.rounds; round++) {
      for (const peer of benchmark.peers) {
        if (absent.has(peer)) continue;
        const sample = await peer.run();
        if (sample === undefined) absent.add(peer);
        else samples.set(peer, [...(samples.get(peer) ?? []), sample]);
      }
    }
  } finally {
    await benchmark.finish?.();
  }
  const figures = [...samples].map(([peer, list]) => {
    const sorted = list.toSorted((a, b) => a - b);
    return { peer: peer.name, median: sorted[Math.floor(sorted.length / 2)]!, minimum: sorted[0]!, maximum: sorted[sorted.length - 1]! };
  });
  return {
    benchmark: benchmark.name,
    unit: benchmark.unit,
    figures,
    absent: [...absent].map((peer) => `${peer.name}${peer.install === undefined ? '' : ` (${peer.install})`}`),
  };
}

export function print(result: Result): void {
  const own = result.figures[0]?.median ?? Number.NaN;
  console.log(`\n${result.benchmark} (${result.unit}; median, range, ratio to the first)`);
  for (const figure of result.figures) {
    const range = `${figure.minimum.toFixed(2)} … ${figure.maximum.toFixed(2)}`;
    console.log(
      `  ${figure.peer.padEnd(44)} ${figure.median.toFixed(2).padStart(10)}  ${range.padStart(22)}  ${(figure.median / own).toFixed(2).padStart(8)} ×`,
    );
  }
  for (const peer of result.absent) console.log(`  ${peer.padEnd(44)}     absent`);
}
