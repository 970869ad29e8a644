/**
 * `netloom/testing`: kernels for tests that need no privileges and no Linux. {@link fakeKernel} answers by a function, {@link record} writes
 * down what the real one said, {@link replay} says it again.
 */

export { setDefaultTransport } from '../netlink/transport/default.ts';
export type { FakeAnswer, FakeRequest } from '../netlink/transport/fake.ts';
export {
  type Answering,
  ack,
  type FakeKernelOptions,
  fakeKernel,
  type KernelHandler,
  type KernelRequest,
  type MultipartOptions,
  multipart,
  type NotifyOptions,
  overrun,
  refuse,
  reply,
  type SimulatedKernel,
} from './fake-kernel.ts';
export { type Recorder, record } from './record.ts';
export type {
  RecordedEvent,
  RecordedExchange,
  RecordedFailure,
  RecordedNamespace,
  RecordedPlace,
  RecordedStep,
  RecordedSysctl,
  Recording,
} from './recording.ts';
export { type Replay, ReplayError, type ReplayOptions, replay } from './replay.ts';
