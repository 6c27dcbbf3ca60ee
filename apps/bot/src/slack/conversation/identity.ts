import { Injectable } from '@nestjs/common';
import type { WebClient } from '@slack/web-api';
import { z } from 'zod';

/** The app as its workspace knows it. It is filled in before the first event is listened to. */
@Injectable()
export class SlackIdentity {
  botUserId = '';
  teamId = '';
  /** The host of the workspace's own links, such as "meadow.slack.com". */
  workspaceHost = '';
}

const authTest = z.object({ url: z.url(), team_id: z.string(), user_id: z.string() });

/** Asks Slack who the bot token belongs to; also the first proof that the token works. */
export async function identify(client: WebClient): Promise<SlackIdentity> {
  const { url, team_id, user_id } = authTest.parse(await client.auth.test());
  return { botUserId: user_id, teamId: team_id, workspaceHost: new URL(url).host };
}
