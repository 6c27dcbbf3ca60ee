import type { Logger as NestLogger } from '@nestjs/common';
import { type Logger, LogLevel } from '@slack/bolt';

/** Lets Bolt write into the bot's own log. */
export class SlackLogger implements Logger {
  constructor(private readonly logger: NestLogger) {}

  /** Left out: Bolt would print whole payloads with what people wrote. */
  debug(): void {}

  info(...messages: unknown[]): void {
    this.logger.debug(messages.join(' '));
  }

  warn(...messages: unknown[]): void {
    this.logger.warn(messages.join(' '));
  }

  error(...messages: unknown[]): void {
    this.logger.error(messages.join(' '));
  }

  setLevel(): void {}

  getLevel(): LogLevel {
    return LogLevel.INFO;
  }

  setName(): void {}
}
