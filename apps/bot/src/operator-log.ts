import { ConsoleLogger } from '@nestjs/common';

import type { Environment } from './config/environment.js';

/** Parts of Nest whose lines about its own start-up say nothing to the operator. */
const nest = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/** What the operator reads of the running bot: text, or one JSON object a line. */
export class OperatorLog extends ConsoleLogger {
  constructor(
    prefix: string,
    private readonly format: Environment['LOG_FORMAT'],
  ) {
    super({
      logLevels: ['log', 'warn', 'error', 'fatal'],
      prefix,
      json: format === 'json',
      // A file and a log collector get no colour codes.
      colors: format === 'text' && process.stdout.isTTY === true && !process.env.NO_COLOR,
    });
  }

  override log(message: unknown, ...further: unknown[]): void {
    if (!nest.has(String(further.at(-1)))) super.log(message, ...further);
  }

  /** What the operator reads first: plain, without time stamps, where people read it. */
  say(line: string): void {
    if (this.format === 'json') super.log(line, 'Bot');
    else console.log(line);
  }

  /** The same date in every log, whatever the machine's language. */
  protected override getTimestamp(): string {
    return new Date().toISOString();
  }
}
