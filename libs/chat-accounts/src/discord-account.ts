import {
  type APIApplication,
  ApplicationFlags,
  DiscordAPIError,
  PermissionFlagsBits,
  REST,
  type RESTAPIPartialCurrentUserGuild,
  Routes,
} from 'discord.js';

import { AccountError } from './account-error.js';

/** What the bot does in a channel, by the names that Discord's settings give the permissions. */
export const discordPermissions = [
  ['View Channel', PermissionFlagsBits.ViewChannel],
  ['Send Messages', PermissionFlagsBits.SendMessages],
  ['Send Messages in Threads', PermissionFlagsBits.SendMessagesInThreads],
  ['Attach Files', PermissionFlagsBits.AttachFiles],
  ['Read Message History', PermissionFlagsBits.ReadMessageHistory],
] as const;

/** What Discord says of the bot that a token belongs to. */
export interface DiscordAccount {
  readonly id: string;
  readonly name: string;
  /** Whether others than its owner may add it ("Public Bot"). */
  readonly isPublic: boolean;
  /** Whether people may take it along, into any server and conversation ("User Install"). */
  readonly isForUsers: boolean;
  /** Whether the privileged intent "Message Content" is switched on. */
  readonly readsMessageContent: boolean;
  /** At most the first 200. */
  readonly servers: readonly {
    readonly id: string;
    readonly name: string;
    /** Permissions that its roles lack in the whole server; channels may say otherwise. */
    readonly missing: readonly string[];
  }[];
}

/** Where an owner adds the bot to a server, whatever is set under "Installation" in the developer portal. */
export function discordInstallLink(applicationId: string): string {
  const permissions = discordPermissions.reduce((sum, [, flag]) => sum | flag, 0n);
  const query = new URLSearchParams({
    client_id: applicationId,
    scope: 'bot applications.commands',
    permissions: String(permissions),
  });
  return `https://discord.com/oauth2/authorize?${query}`;
}

/**
 * Asks Discord, without connecting to its gateway: the bot does not come online.
 * @param api another address of the REST API, for tests
 * @throws AccountError
 */
export async function examineDiscord(token: string, api?: string): Promise<DiscordAccount> {
  const rest = new REST({ ...(api !== undefined && { api }), timeout: 10_000, retries: 1 }).setToken(token);
  try {
    const application = (await rest.get(Routes.currentApplication())) as APIApplication;
    const servers = (await rest.get(Routes.userGuilds(), {
      query: new URLSearchParams({ limit: '200' }),
    })) as RESTAPIPartialCurrentUserGuild[];
    return describe(application, servers);
  } catch (cause) {
    if (cause instanceof DiscordAPIError && cause.status === 401)
      throw new AccountError(
        'token-refused',
        'Discord does not accept DISCORD_TOKEN. Press "Reset Token" on the Bot page of the developer portal and copy the new one.',
        { cause },
      );
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AccountError('unreachable', `Discord cannot be asked: ${reason}`, { cause });
  }
}

function describe(
  application: APIApplication,
  servers: readonly RESTAPIPartialCurrentUserGuild[],
): DiscordAccount {
  const flags = application.flags ?? 0;
  // The limited one is what bots in fewer than 100 servers have (Discord docs, Application Flags).
  const contentFlags = ApplicationFlags.GatewayMessageContent | ApplicationFlags.GatewayMessageContentLimited;
  return {
    id: application.id,
    name: application.name,
    isPublic: application.bot_public ?? true,
    isForUsers: application.integration_types_config?.[1] !== undefined,
    readsMessageContent: (flags & contentFlags) !== 0,
    servers: servers.map(({ id, name, permissions }) => ({
      id,
      name,
      missing: missingIn(BigInt(permissions)),
    })),
  };
}

function missingIn(permissions: bigint): string[] {
  if (permissions & PermissionFlagsBits.Administrator) return [];
  return discordPermissions.filter(([, flag]) => !(permissions & flag)).map(([name]) => name);
}

/** What its owner may want to put right, a sentence each. */
export function discordRemarks(
  account: DiscordAccount,
  { needsMessageContent }: { readonly needsMessageContent: boolean },
): string[] {
  const { isPublic, isForUsers, readsMessageContent, servers } = account;
  return [
    ...(servers.length === 0
      ? [`The bot is in no server yet. Add it: ${discordInstallLink(account.id)}`]
      : servers
          .filter(({ missing }) => missing.length > 0)
          .map(
            ({ name, missing }) =>
              `In the server ${name} the bot's role lacks ${missing.join(', ')}. Add it there again: ${discordInstallLink(account.id)}`,
          )),
    ...(needsMessageContent && !readsMessageContent
      ? [
          'discord.readMessageContent is on, but the "Message Content" intent is off. Switch it on, on the Bot page of the ' +
            'developer portal.',
        ]
      : []),
    ...(isPublic
      ? []
      : ['Only its owner can add the bot. If others should, switch on "Public Bot" on the Bot page.']),
    ...(isForUsers
      ? []
      : [
          'People cannot take the bot along into other servers and conversations. If they should, switch on "User Install" ' +
            'on the Installation page.',
        ]),
  ];
}
