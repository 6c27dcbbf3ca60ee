import {
  AccountError,
  discordInstallLink,
  discordRemarks,
  examineDiscord,
  examineSlack,
  manifestScopes,
  readSlackManifest,
  slackRemarks,
} from '#libs/chat-accounts';

/** What a platform says of the tokens that are set. */
export interface AccountFinding {
  readonly platform: 'Discord' | 'Slack';
  readonly good: boolean;
  readonly sentence: string;
}

/** Logs in with each token that is set, and says what is there and what is missing. */
export async function examineAccounts(variables: NodeJS.ProcessEnv): Promise<AccountFinding[]> {
  return (
    await Promise.all([
      variables.DISCORD_TOKEN
        ? discord(variables.DISCORD_TOKEN, variables.DISCORD_API_URL || undefined)
        : [{ platform: 'Discord' as const, good: true, sentence: 'off: DISCORD_TOKEN is not set.' }],
      variables.SLACK_BOT_TOKEN
        ? slack(variables.SLACK_BOT_TOKEN, variables)
        : [{ platform: 'Slack' as const, good: true, sentence: 'off: SLACK_BOT_TOKEN is not set.' }],
    ])
  ).flat();
}

async function discord(token: string, api: string | undefined): Promise<AccountFinding[]> {
  const platform = 'Discord';
  try {
    const account = await examineDiscord(token, api);
    const servers = account.servers.map(({ name }) => name).join(', ') || 'no server';
    const intent = account.readsMessageContent ? 'on' : 'off, which only discord.readMessageContent needs';
    return [
      { platform, good: true, sentence: `${account.name}, in ${servers}.` },
      { platform, good: true, sentence: `The "Message Content" intent is ${intent}.` },
      { platform, good: true, sentence: `Install link: ${discordInstallLink(account.id)}` },
      ...discordRemarks(account, { needsMessageContent: false }).map(
        (sentence) =>
          ({
            platform,
            good: false,
            sentence,
          }) as const,
      ),
    ];
  } catch (error) {
    return [refusal(platform, error)];
  }
}

async function slack(
  botToken: string,
  { SLACK_APP_TOKEN, SLACK_SIGNING_SECRET, SLACK_API_URL }: NodeJS.ProcessEnv,
): Promise<AccountFinding[]> {
  const platform = 'Slack';
  if (!SLACK_APP_TOKEN === !SLACK_SIGNING_SECRET)
    return [
      {
        platform,
        good: false,
        sentence: `set ${SLACK_APP_TOKEN ? 'only one' : 'one'} of SLACK_APP_TOKEN (Socket Mode) and SLACK_SIGNING_SECRET (HTTP).`,
      },
    ];
  try {
    const account = await examineSlack(botToken, SLACK_APP_TOKEN || undefined, SLACK_API_URL || undefined);
    const mode = SLACK_APP_TOKEN
      ? 'Socket Mode'
      : 'HTTP; only a request from Slack shows whether the signing secret is right';
    return [
      { platform, good: true, sentence: `@${account.name} in ${account.workspace} (${mode}).` },
      ...slackRemarks(account, manifestScopes(readSlackManifest({ kind: 'socket' }))).map(
        (sentence) => ({ platform, good: false, sentence }) as const,
      ),
    ];
  } catch (error) {
    return [refusal(platform, error)];
  }
}

function refusal(platform: AccountFinding['platform'], error: unknown): AccountFinding {
  if (!(error instanceof AccountError)) throw error;
  return { platform, good: false, sentence: error.message };
}
