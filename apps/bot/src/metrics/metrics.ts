import { Controller, Get, Res } from '@nestjs/common';
import type { Response } from 'express';
import { AggregatorRegistry, Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

import type { Outcome } from '../contract/chat.js';
import type { Platform } from '../contract/question.js';

/** The metrics of one process, as prom-client hands them on. */
export type MetricsOfProcess = readonly object[];

/** What the operator can see of the bot, in Prometheus' text format. */
export class Metrics {
  readonly registry = new Registry();
  private readOthers: () => Promise<readonly MetricsOfProcess[]> = async () => [];

  private readonly questions = new Counter({
    name: 'minigpt4_bot_questions_total',
    help: 'Questions by how their answers ended.',
    labelNames: ['platform', 'outcome'],
    registers: [this.registry],
  });
  private readonly seconds = new Histogram({
    name: 'minigpt4_bot_answer_seconds',
    help: 'From a question to the end of its answer.',
    labelNames: ['platform'],
    buckets: [0.5, 1, 2, 5, 10, 20, 60, 120, 300],
    registers: [this.registry],
  });
  private readonly feedback = new Counter({
    name: 'minigpt4_bot_feedback_total',
    help: 'Presses of the feedback buttons.',
    labelNames: ['platform', 'vote'],
    registers: [this.registry],
  });
  private readonly unreadableItems = new Counter({
    name: 'minigpt4_bot_unreadable_items_total',
    help: 'Messages and other items of a platform that could not be read and were left out.',
    labelNames: ['platform'],
    registers: [this.registry],
  });

  private readonly foreign = new Counter({
    name: 'minigpt4_bot_unreadable_messages_total',
    help: 'Messages on the shared Redis channel that could not be read and were ignored.',
    registers: [this.registry],
  });

  constructor(running: () => number) {
    collectDefaultMetrics({ register: this.registry });
    new Gauge({
      name: 'minigpt4_bot_running_answers',
      help: 'Answers that are being written or wait for their turn.',
      registers: [this.registry],
      collect() {
        this.set(running());
      },
    });
  }

  /** Counts what other processes of this bot count, such as its shards. */
  include(readOthers: () => Promise<readonly MetricsOfProcess[]>): void {
    this.readOthers = readOthers;
  }

  /** All of it in Prometheus' text format. */
  async render(): Promise<string> {
    const others = await this.readOthers();
    if (others.length === 0) return this.registry.metrics();
    return AggregatorRegistry.aggregate([await this.registry.getMetricsAsJSON(), ...others]).metrics();
  }

  countAnswer(platform: Platform, outcome: Outcome['kind'], seconds: number): void {
    this.questions.inc({ platform, outcome });
    if (outcome === 'answered') this.seconds.observe({ platform }, seconds);
  }

  countIgnoredMessage(): void {
    this.foreign.inc();
  }

  countVote(platform: Platform, vote: 'up' | 'down'): void {
    this.feedback.inc({ platform, vote });
  }

  countUnreadable(platform: Platform): void {
    this.unreadableItems.inc({ platform });
  }
}

/** What Prometheus collects. */
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  async read(@Res() response: Response): Promise<void> {
    response.type(this.metrics.registry.contentType).send(await this.metrics.render());
  }
}
