import { Injectable } from '@nestjs/common';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

import type { EngineGauges, EngineObservation, StatisticsListener } from '#libs/engine';
import type { ErrorReason } from '#libs/protocol';

/** In seconds: from one decode step of a small model to a whole reply of a large one on a CPU. */
const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640];
const tokenBuckets = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000];

/** What the server measures, for Prometheus. Names and meanings follow vLLM's (`vllm/v1/metrics/loggers.py`). */
@Injectable()
export class ServerMetrics implements StatisticsListener {
  readonly registry = new Registry();

  private readonly running = this.gauge('num_requests_running', 'Requests that hold a slot.');
  private readonly waiting = this.gauge('num_requests_waiting', 'Requests in the queue.');
  private readonly keyValueCache = this.gauge(
    'kv_cache_usage_perc',
    'Share of the key-value cache in use, 0 to 1.',
  );
  private readonly embeddingCache = this.gauge('embedding_cache_bytes', 'Bytes of cached image embeddings.');

  private readonly finished = this.counter('request_success_total', 'Requests that ended.', [
    'finished_reason',
  ]);
  private readonly failures = this.counter('request_failure_total', 'Calls that failed.', ['reason']);
  private readonly promptTokens = this.counter('prompt_tokens_total', 'Prompt tokens of ended requests.');
  private readonly generationTokens = this.counter('generation_tokens_total', 'Generated tokens.');
  private readonly prefixQueries = this.counter(
    'prefix_cache_queries_total',
    'Prompt tokens looked up in the prefix cache.',
  );
  private readonly prefixHits = this.counter(
    'prefix_cache_hits_total',
    'Prompt tokens found in the prefix cache.',
  );
  private readonly embeddingQueries = this.counter('embedding_cache_queries_total', 'Images looked up.');
  private readonly embeddingHits = this.counter('embedding_cache_hits_total', 'Images found in the cache.');
  private readonly encodedImages = this.counter('encoded_images_total', 'Images encoded.');
  private readonly transferredBytes = this.counter(
    'decode_transferred_bytes_total',
    "Bytes that decode steps moved between main memory and the device's own; 0 on the processor.",
  );

  private readonly firstToken = this.seconds(
    'time_to_first_token_seconds',
    'From arrival to the first token.',
  );
  private readonly perToken = this.seconds(
    'time_per_output_token_seconds',
    'Between two tokens of one request.',
  );
  private readonly total = this.seconds('e2e_request_latency_seconds', 'From arrival to the end.');
  private readonly queue = this.seconds('request_queue_time_seconds', 'From arrival to a slot.');
  private readonly prefill = this.seconds('request_prefill_time_seconds', 'Prefill of the prompt.');
  private readonly decode = this.seconds('request_decode_time_seconds', 'Decoding after the first token.');
  private readonly imageEncode = this.seconds('image_encode_seconds', 'One run of the image encoder.');
  private readonly prefillStep = this.seconds(
    'prefill_step_seconds',
    'One run of the decoder over prompt tokens.',
  );
  private readonly decodeStep = this.seconds(
    'decode_step_seconds',
    'One decode step of all running requests.',
  );
  private readonly requestPromptTokens = this.tokens('request_prompt_tokens', 'Prompt tokens of a request.');
  private readonly requestGenerationTokens = this.tokens('request_generation_tokens', 'Tokens of a reply.');

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  onGauges(gauges: EngineGauges): void {
    this.running.set(gauges.requestsRunning);
    this.waiting.set(gauges.requestsWaiting);
    this.keyValueCache.set(gauges.keyValueCacheUsage);
    this.embeddingCache.set(gauges.embeddingCacheBytes);
  }

  onObservation(observation: EngineObservation): void {
    switch (observation.kind) {
      case 'prefix-cache':
        this.prefixQueries.inc(observation.queries);
        this.prefixHits.inc(observation.hits);
        break;
      case 'embedding-cache':
        this.embeddingQueries.inc();
        if (observation.hit) this.embeddingHits.inc();
        break;
      case 'image-encode':
        this.encodedImages.inc(observation.images);
        this.imageEncode.observe(observation.seconds);
        break;
      case 'prefill':
        this.prefillStep.observe(observation.seconds);
        break;
      case 'decode':
        this.decodeStep.observe(observation.seconds);
        this.transferredBytes.inc(observation.transferredBytes ?? 0);
        break;
      case 'finish':
        this.observeFinish(observation);
        break;
    }
  }

  countFailure(reason: ErrorReason): void {
    this.failures.inc({ reason });
  }

  private observeFinish(finish: Extract<EngineObservation, { kind: 'finish' }>): void {
    this.finished.inc({ finished_reason: finish.reason });
    this.promptTokens.inc(finish.promptTokens);
    this.generationTokens.inc(finish.completionTokens);
    this.requestPromptTokens.observe(finish.promptTokens);
    this.requestGenerationTokens.observe(finish.completionTokens);
    this.queue.observe(finish.queueSeconds);
    this.total.observe(finish.totalSeconds);
    if (finish.firstTokenSeconds === undefined) return;
    this.firstToken.observe(finish.firstTokenSeconds);
    this.prefill.observe(finish.prefillSeconds);
    this.decode.observe(finish.decodeSeconds);
    if (finish.completionTokens > 1) {
      this.perToken.observe(finish.decodeSeconds / (finish.completionTokens - 1));
    }
  }

  private gauge(name: string, help: string): Gauge {
    return new Gauge({ name: `minigpt4_${name}`, help, registers: [this.registry] });
  }

  private counter<Label extends string = never>(
    name: string,
    help: string,
    labelNames: Label[] = [],
  ): Counter<Label> {
    return new Counter({ name: `minigpt4_${name}`, help, labelNames, registers: [this.registry] });
  }

  private seconds(name: string, help: string): Histogram {
    return new Histogram({
      name: `minigpt4_${name}`,
      help,
      buckets: durationBuckets,
      registers: [this.registry],
    });
  }

  private tokens(name: string, help: string): Histogram {
    return new Histogram({
      name: `minigpt4_${name}`,
      help,
      buckets: tokenBuckets,
      registers: [this.registry],
    });
  }
}
