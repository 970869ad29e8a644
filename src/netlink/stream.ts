/** Stream programs as iterables: asynchronous and in place. Nothing is asked of the kernel before the first item is wanted. */
import type { EmitStep, Step, Stream, StreamProgram, SyncStream } from './program.ts';

/** Carries out a step for a stream. */
export type Perform = (step: Step) => Promise<unknown>;
export type PerformSync = (step: Step) => unknown;

type Result<T> = IteratorResult<T, undefined>;

const finished: Result<never> = { done: true, value: undefined };

/** What both sorts of streams hold: the items that were emitted and not taken yet. */
class Emitted<T> {
  private items: readonly T[] = [];
  private at = 0;
  interrupted = false;

  put(step: EmitStep<T>): void {
    this.items = step.items;
    this.at = 0;
    if (step.interrupted === true) this.interrupted = true;
  }

  get empty(): boolean {
    return this.at >= this.items.length;
  }

  take(): T {
    return this.items[this.at++]!;
  }

  clear(): void {
    this.items = [];
  }
}

export class ProgramStream<T> implements Stream<T> {
  private readonly program: StreamProgram<T>;
  private readonly perform: Perform;
  private readonly emitted = new Emitted<T>();
  /** What is under way; calls are answered in their order. */
  private last: Promise<unknown> | undefined;
  private over = false;

  constructor(program: StreamProgram<T>, perform: Perform) {
    this.program = program;
    this.perform = perform;
  }

  get interrupted(): boolean {
    return this.emitted.interrupted;
  }

  next(): Promise<Result<T>> {
    if (this.last === undefined && !this.emitted.empty) return Promise.resolve({ done: false, value: this.emitted.take() });
    return this.inTurn(() => this.advance());
  }

  return(): Promise<Result<T>> {
    return this.inTurn(() => this.stop());
  }

  async throw(error?: unknown): Promise<Result<T>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  private async inTurn(action: () => Promise<Result<T>>): Promise<Result<T>> {
    const { last } = this;
    const mine = last === undefined ? action() : last.then(action, action);
    this.last = mine;
    try {
      return await mine;
    } finally {
      if (this.last === mine) this.last = undefined;
    }
  }

  private async advance(): Promise<Result<T>> {
    if (!this.emitted.empty) return { done: false, value: this.emitted.take() };
    if (this.over) return finished;
    return await this.drive(() => this.program.next());
  }

  private async stop(): Promise<Result<T>> {
    this.emitted.clear();
    if (this.over) return finished;
    this.over = true;
    for (;;) {
      // what the program still yields is what it has to undo
      const { done } = await this.drive(() => this.program.return());
      if (done === true) return finished;
    }
  }

  /** Runs the program up to its next items, or to its end. */
  private async drive(resume: () => IteratorResult<Step | EmitStep<T>, void>): Promise<Result<T>> {
    try {
      let next = resume();
      while (next.done !== true) {
        const step = next.value;
        if (step.op === 'emit') {
          this.emitted.put(step);
          if (!this.emitted.empty) return { done: false, value: this.emitted.take() };
          next = this.program.next();
          continue;
        }
        let result: unknown;
        try {
          result = await this.perform(step);
        } catch (error) {
          next = this.program.throw(error);
          continue;
        }
        next = this.program.next(result);
      }
    } catch (error) {
      this.over = true;
      throw error;
    }
    this.over = true;
    return finished;
  }
}

export class ProgramSyncStream<T> implements SyncStream<T> {
  private readonly program: StreamProgram<T>;
  private readonly perform: PerformSync;
  private readonly emitted = new Emitted<T>();
  private over = false;

  constructor(program: StreamProgram<T>, perform: PerformSync) {
    this.program = program;
    this.perform = perform;
  }

  get interrupted(): boolean {
    return this.emitted.interrupted;
  }

  next(): Result<T> {
    if (!this.emitted.empty) return { done: false, value: this.emitted.take() };
    return this.over ? finished : this.drive(() => this.program.next());
  }

  return(): Result<T> {
    this.emitted.clear();
    if (this.over) return finished;
    this.over = true;
    while (this.drive(() => this.program.return()).done !== true);
    return finished;
  }

  throw(error?: unknown): Result<T> {
    this.return();
    throw error;
  }

  [Symbol.iterator](): this {
    return this;
  }

  [Symbol.dispose](): void {
    this.return();
  }

  private drive(resume: () => IteratorResult<Step | EmitStep<T>, void>): Result<T> {
    try {
      let next = resume();
      while (next.done !== true) {
        const step = next.value;
        if (step.op === 'emit') {
          this.emitted.put(step);
          if (!this.emitted.empty) return { done: false, value: this.emitted.take() };
          next = this.program.next();
          continue;
        }
        let result: unknown;
        try {
          result = this.perform(step);
        } catch (error) {
          next = this.program.throw(error);
          continue;
        }
        next = this.program.next(result);
      }
    } catch (error) {
      this.over = true;
      throw error;
    }
    this.over = true;
    return finished;
  }
}
