import { SlackApiError } from './api-error.js';

/**
 * The arguments of one Web API call. Slack takes form fields, in which nested values are JSON texts, or a JSON body.
 * (docs.slack.dev, "Using the Slack Web API", POST bodies)
 */
export class Arguments {
  constructor(private readonly fields: ReadonlyMap<string, unknown>) {}

  static parse(contentType: string, body: string): Arguments {
    if (contentType.startsWith('application/json')) {
      const parsed: unknown = JSON.parse(body || '{}');
      return new Arguments(new Map(Object.entries(parsed as object)));
    }
    return new Arguments(new Map<string, unknown>(new URLSearchParams(body)));
  }

  text(name: string): string | undefined {
    const value = this.fields.get(name);
    if (value === undefined || value === null) return undefined;
    return typeof value === 'string' ? value : String(value);
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === '') {
      throw new SlackApiError('invalid_arguments', {
        response_metadata: { messages: [`[ERROR] missing required field: ${name}`] },
      });
    }
    return value;
  }

  flag(name: string): boolean {
    return ['true', '1'].includes(this.text(name) ?? '');
  }

  count(name: string, whenAbsent: number): number {
    const value = Number(this.text(name) ?? whenAbsent);
    if (!Number.isInteger(value) || value < 0) throw new SlackApiError('invalid_arguments');
    return value;
  }

  json<T>(name: string): T | undefined {
    const value = this.fields.get(name);
    if (value === undefined || value === null || value === '') return undefined;
    try {
      return (typeof value === 'string' ? JSON.parse(value) : value) as T;
    } catch {
      throw new SlackApiError(name === 'blocks' ? 'invalid_blocks_format' : 'invalid_arguments');
    }
  }
}
