import { ConsoleLogger } from '@nestjs/common';

/** Whose account of Nest's own start-up says nothing to the operator. */
const nest = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/** What the operator reads of the running bot. */
export class OperatorLog extends ConsoleLogger {
  constructor(prefix: string) {
    super({ logLevels: ['log', 'warn', 'error', 'fatal'], prefix });
  }

  override log(message: unknown, ...further: unknown[]): void {
    if (!nest.has(String(further.at(-1)))) super.log(message, ...further);
  }
}
