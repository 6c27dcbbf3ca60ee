import { ByteBudget } from '../chat/byte-budget.js';
import { parseServerConfig } from '../config/environment.js';
import { GrpcFace } from './grpc-face.js';

const face = (variables: NodeJS.ProcessEnv = {}) =>
  new GrpcFace(parseServerConfig(variables), new ByteBudget(1));

describe('the gRPC server', () => {
  it.each([
    ['3', 3_000 + 2 ** 22],
    ['1', 1_000 + 2 ** 22],
    // Images may be encoded where no prompt may hold one.
    ['0', 1_000 + 2 ** 22],
  ])('takes messages of %s images and 4 MiB beside them', (MAX_IMAGES, bytes) => {
    const { options } = face({ MAX_IMAGES, MAX_IMAGE_BYTES: '1000' }).options();
    expect(options.maxReceiveMessageLength).toBe(bytes);
  });

  it('listens where it is told', () => {
    expect(face({ GRPC_ADDRESS: '::1', GRPC_PORT: '7' }).options().options.url).toBe('[::1]:7');
  });

  it('has no last messages to send before it was started', async () => {
    await expect(face().sendLastMessages(60)).resolves.toBeUndefined();
  });

  it('waits for readers that never hang up no longer than it is told', async () => {
    const started = face();
    const server = { addService: () => {}, tryShutdown: () => {} };
    started.options().options.onLoadPackageDefinition?.({} as never, server as never);
    const start = performance.now();
    await started.sendLastMessages(0.05);
    expect(performance.now() - start).toBeGreaterThanOrEqual(45);
  });

  it('waits no longer than its readers take', async () => {
    const started = face();
    const server = { addService: () => {}, tryShutdown: (done: () => void) => done() };
    started.options().options.onLoadPackageDefinition?.({} as never, server as never);
    await expect(started.sendLastMessages(0.001)).resolves.toBeUndefined();
  });
});
