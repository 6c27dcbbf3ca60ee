import { cpus } from 'node:os';

import type { Engine, Reproducibility } from '#libs/engine';
import { hostAndPort, reachableAt } from '#libs/serving';

import type { ServerConfig } from './config/environment.js';

/** What runs, where, and how to reach it, in plain words. */
export function startUpReport(config: ServerConfig, engine: Engine, secondsToReady: number): string[] {
  const { manifest, limits } = engine;
  const { decoder } = manifest.quantization;
  const weights = decoder.kind === 'none' ? 'fp32 weights' : `${decoder.kind} weights`;
  const memory = inMebibytes(process.memoryUsage.rss());
  const http = `http://${reachableAt(config.HTTP_ADDRESS, config.HTTP_PORT)}`;
  return [
    `Model: ${manifest.name}, ${weights}, context of ${limits.contextLength} tokens. ${manifest.description}`,
    `Device: ${deviceName(config)}, computing in ${limits.precision}, ${stride(limits.burstLength)}; ${limits.slots} requests at once, ${limits.queueLimit} more may wait.`,
    `Reproducible: ${reproducible(limits.reproducibility)}.`,
    `KV cache: ${inMebibytes(limits.keyValueCacheBytes)} in ${limits.keyValueType}. Image cache: up to ${config.EMBEDDING_CACHE_MIB} MiB.`,
    `Ready after ${secondsToReady.toFixed(1)} s, with ${memory} of memory.`,
    `gRPC: ${hostAndPort(config.GRPC_ADDRESS, config.GRPC_PORT)}. OpenAI-compatible: ${http}/v1. Metrics: ${http}/metrics.`,
  ];
}

function reproducible(reproducibility: Reproducibility): string {
  switch (reproducibility.kind) {
    case 'switched-off':
      return 'no, switched off by REPRODUCIBLE';
    case 'not-kept':
      return 'no, the kernels of this machine do not allow it';
    case 'proven':
      return `yes, a seed gives the same reply in any company (${companySentences[reproducibility.company]})`;
  }
}

const companySentences = {
  none: 'at no cost',
  'never-alone': 'a reply that runs alone is computed beside a row of zeros',
  'in-pairs': 'an odd number of replies is computed beside a row of zeros',
} as const;

function inMebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

function stride(burstLength: number): string {
  return burstLength === 1 ? 'token by token' : `in bursts of ${burstLength} tokens`;
}

function deviceName({ DEVICE, THREADS }: ServerConfig): string {
  if (DEVICE !== 'cpu') return DEVICE;
  const threads = THREADS === 1 ? '1 thread' : `${THREADS} threads`;
  return `cpu (${cpus()[0]?.model.trim() ?? 'unknown processor'}), ${threads}`;
}
