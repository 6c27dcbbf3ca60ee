import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const manifestSchema = z.object({
  display_information: z.object({ name: z.string() }),
  features: z.object({
    bot_user: z.object({ display_name: z.string() }),
    slash_commands: z.array(z.object({ command: z.string() })).default([]),
    shortcuts: z
      .array(z.object({ name: z.string(), callback_id: z.string(), type: z.enum(['message', 'global']) }))
      .default([]),
    agent_view: z.object({ agent_description: z.string().max(300) }).optional(),
  }),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
  settings: z.object({
    event_subscriptions: z.object({ bot_events: z.array(z.string()) }),
    interactivity: z.object({ is_enabled: z.boolean() }),
  }),
});

/** The app's manifest: what the workspace granted, what it sends to the app and what it shows of it in its menus. */
export type AppManifest = z.infer<typeof manifestSchema>;

export function readAppManifest(path: string): AppManifest {
  return manifestSchema.parse(parse(readFileSync(path, 'utf8')));
}
