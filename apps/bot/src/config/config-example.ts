import { z } from 'zod';

import { botConfig } from './bot-config.js';

/** What of a JSON Schema tells a person how to write a configuration. */
const describedSchema = z.object({
  description: z.string().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.string()).optional(),
  get properties() {
    return z.record(z.string(), describedSchema).optional();
  },
});
type DescribedSchema = z.infer<typeof describedSchema>;

const heading = `# How the bot behaves. Copy this file to bot.config.yaml and keep what you change: what is left out has the value
# shown here. Changes are taken over while the bot runs; those of web, discord and slack after a restart.
# Secrets and addresses are in .env (see .env.example).
`;

/** The text of `bot.config.example.yaml`: every key with its default and what it means, from the schema itself. */
export function configExample(): string {
  const { properties = {} } = describedSchema.parse(z.toJSONSchema(botConfig, { io: 'input' }));
  return `${heading}\n${entries(properties, '').join('\n')}\n`;
}

function entries(properties: Record<string, DescribedSchema>, indent: string): string[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const comment = commentLines(schema, 116 - indent.length).map((line) => `${indent}# ${line}`);
    if (schema.properties)
      return ['', ...comment, `${indent}${name}:`, ...entries(schema.properties, `${indent}  `)];
    // A key without a default is shown as a comment: there is no value that would change nothing.
    if (schema.default === undefined) return [...comment, `${indent}# ${name}:`];
    return [...comment, `${indent}${name}: ${yamlValue(schema.default)}`];
  });
}

/** JSON is YAML; plain words need no quotes. */
function yamlValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function commentLines({ description = '', enum: choices }: DescribedSchema, width: number): string[] {
  const text = choices ? `${description} One of: ${choices.join(', ')}.` : description;
  const lines: string[] = [];
  for (const word of text.split(' ').filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && `${last} ${word}`.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
