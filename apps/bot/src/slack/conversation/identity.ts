import type { WebClient } from '@slack/web-api';
import { z } from 'zod';

/** The app as one workspace knows it. */
export interface SlackIdentity {
  readonly botUserId: string;
  readonly teamId: string;
  /** The host of the workspace's own links, such as "meadow.slack.com". */
  readonly workspaceHost: string;
}

const authTest = z.object({ url: z.url(), team_id: z.string(), user_id: z.string() });

/** Asks Slack who the bot token belongs to; also the first proof that the token works. */
export async function identify(client: WebClient): Promise<SlackIdentity> {
  const { url, team_id, user_id } = authTest.parse(await client.auth.test());
  return { botUserId: user_id, teamId: team_id, workspaceHost: new URL(url).host };
}
