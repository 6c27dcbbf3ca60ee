import { ServerMetrics } from './server-metrics.js';

const finish = {
  kind: 'finish',
  reason: 'stop',
  promptTokens: 70,
  completionTokens: 11,
  queueSeconds: 0.1,
  prefillSeconds: 0.2,
  decodeSeconds: 2,
  firstTokenSeconds: 0.3,
  totalSeconds: 2.3,
} as const;

describe('the metrics', () => {
  let metrics: ServerMetrics;
  beforeEach(() => {
    metrics = new ServerMetrics();
  });

  const exposed = async () => (await metrics.registry.metrics()).split('\n');

  it('show the state of the engine', async () => {
    metrics.onGauges({
      requestsRunning: 3,
      requestsWaiting: 2,
      keyValueCacheUsage: 0.25,
      embeddingCacheBytes: 4_096,
    });
    expect(await exposed()).toEqual(
      expect.arrayContaining([
        'minigpt4_num_requests_running 3',
        'minigpt4_num_requests_waiting 2',
        'minigpt4_kv_cache_usage_perc 0.25',
        'minigpt4_embedding_cache_bytes 4096',
      ]),
    );
  });

  it('count ended requests by their reason, with their tokens and times', async () => {
    metrics.onObservation(finish);
    metrics.onObservation({ ...finish, reason: 'length' });
    expect(await exposed()).toEqual(
      expect.arrayContaining([
        'minigpt4_request_success_total{finished_reason="stop"} 1',
        'minigpt4_request_success_total{finished_reason="length"} 1',
        'minigpt4_prompt_tokens_total 140',
        'minigpt4_generation_tokens_total 22',
        'minigpt4_time_per_output_token_seconds_sum 0.4',
        'minigpt4_time_to_first_token_seconds_count 2',
      ]),
    );
  });

  it('leave out the first token of a request that ended without one', async () => {
    metrics.onObservation({ ...finish, reason: 'cancel', completionTokens: 0, firstTokenSeconds: undefined });
    expect(await exposed()).toEqual(
      expect.arrayContaining([
        'minigpt4_request_success_total{finished_reason="cancel"} 1',
        'minigpt4_time_to_first_token_seconds_count 0',
      ]),
    );
  });

  it('count the bytes that went to the device and back, where it has a memory of its own', async () => {
    const step = { kind: 'decode', sequences: 1, tokens: 1, seconds: 0.01 } as const;
    metrics.onObservation({ ...step, transferredBytes: 3_000 });
    metrics.onObservation({ ...step, transferredBytes: 4_000 });
    metrics.onObservation(step);
    expect(await exposed()).toContain('minigpt4_decode_transferred_bytes_total 7000');
  });

  it('count what the caches saved', async () => {
    metrics.onObservation({ kind: 'prefix-cache', queries: 70, hits: 60 });
    metrics.onObservation({ kind: 'embedding-cache', hit: true });
    metrics.onObservation({ kind: 'embedding-cache', hit: false });
    metrics.onObservation({ kind: 'image-encode', images: 2, seconds: 0.5 });
    expect(await exposed()).toEqual(
      expect.arrayContaining([
        'minigpt4_prefix_cache_queries_total 70',
        'minigpt4_prefix_cache_hits_total 60',
        'minigpt4_embedding_cache_queries_total 2',
        'minigpt4_embedding_cache_hits_total 1',
        'minigpt4_encoded_images_total 2',
      ]),
    );
  });

  it('measure each part of a request and each step', async () => {
    metrics.onObservation(finish);
    metrics.onObservation({ kind: 'image-encode', images: 2, seconds: 0.5 });
    metrics.onObservation({ kind: 'prefill', tokens: 9, seconds: 0.75 });
    metrics.onObservation({ kind: 'decode', sequences: 1, tokens: 1, seconds: 0.01 });
    metrics.countFailure('QUEUE_FULL');
    expect(await exposed()).toEqual(
      expect.arrayContaining([
        'minigpt4_request_queue_time_seconds_sum 0.1',
        'minigpt4_request_prefill_time_seconds_sum 0.2',
        'minigpt4_request_decode_time_seconds_sum 2',
        'minigpt4_time_to_first_token_seconds_sum 0.3',
        'minigpt4_e2e_request_latency_seconds_sum 2.3',
        'minigpt4_request_prompt_tokens_sum 70',
        'minigpt4_request_generation_tokens_sum 11',
        'minigpt4_image_encode_seconds_sum 0.5',
        'minigpt4_prefill_step_seconds_sum 0.75',
        'minigpt4_decode_step_seconds_sum 0.01',
        'minigpt4_request_failure_total{reason="QUEUE_FULL"} 1',
      ]),
    );
  });

  it.each([
    [1, 0],
    [2, 1],
  ])('know the time per token of a reply of %d tokens: %d', async (completionTokens, count) => {
    metrics.onObservation({ ...finish, completionTokens });
    expect(await exposed()).toContain(`minigpt4_time_per_output_token_seconds_count ${count}`);
  });
});
