import { type APIApplicationCommand, ApplicationCommandType, ApplicationFlags } from 'discord.js';
import { z } from 'zod';
import { invalidForm, notFound } from '../errors.js';
import type { Internals } from '../internals.js';
import { guildPermissions } from '../permissions.js';
import type { Router } from './router.js';

/** Command limits of Discord docs, Application Commands: registering a command. */
const MAX_PER_TYPE: Readonly<Record<number, number>> = {
  [ApplicationCommandType.ChatInput]: 100,
  [ApplicationCommandType.User]: 15,
  [ApplicationCommandType.Message]: 15,
};

const localizations = z.record(z.string(), z.string()).nullish();
const slashName = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;

const option = z.looseObject({
  type: z.number().int().min(1).max(11),
  name: z.string().regex(slashName),
  description: z.string().min(1).max(100),
  name_localizations: localizations,
  description_localizations: localizations,
  required: z.boolean().optional(),
});

const command = z
  .looseObject({
    name: z.string().min(1).max(32),
    type: z.number().int().min(1).max(3).default(ApplicationCommandType.ChatInput),
    description: z.string().max(100).nullish(),
    options: z.array(option).max(25).nullish(),
    integration_types: z.array(z.union([z.literal(0), z.literal(1)])).nullish(),
    contexts: z.array(z.union([z.literal(0), z.literal(1), z.literal(2)])).nullish(),
  })
  .superRefine((value, context) => {
    if (value.type !== ApplicationCommandType.ChatInput) {
      if (value.description)
        context.addIssue({ code: 'custom', path: ['description'], message: 'Only for CHAT_INPUT' });
      return;
    }
    if (!slashName.test(value.name) || value.name !== value.name.toLowerCase()) {
      context.addIssue({
        code: 'custom',
        path: ['name'],
        message: 'String value did not match validation regex.',
      });
    }
    if (!value.description) context.addIssue({ code: 'custom', path: ['description'], message: 'Required' });
    const firstOptional = (value.options ?? []).findIndex(({ required }) => !required);
    if (firstOptional >= 0 && (value.options ?? []).slice(firstOptional).some(({ required }) => required)) {
      context.addIssue({
        code: 'custom',
        path: ['options'],
        message: 'Required options must be placed before non-required options',
      });
    }
  });

/** The application, its commands, its users and the gateway's address. */
export function applicationRoutes(router: Router, server: Internals): void {
  const { state, renderer } = server;

  router.on('GET /gateway/bot', () => ({
    url: server.gatewayUrl,
    shards: server.recommendedShards,
    session_start_limit: { total: 1000, remaining: 999, reset_after: 14_400_000, max_concurrency: 1 },
  }));
  router.on('GET /users/@me', () => renderer.user(state.botUser));
  // Permissions are those of the whole server (Discord docs, Get Current User Guilds).
  router.on('GET /users/@me/guilds', () =>
    [...state.guilds.values()]
      .filter(({ members }) => members.has(state.botUser.id))
      .map((guild) => ({
        id: guild.id,
        name: guild.name,
        icon: null,
        owner: false,
        permissions: String(guildPermissions(guild, state.botUser.id)),
        features: [],
      })),
  );
  router.on('GET /users/:user', ({ params }) => {
    const user = state.users.get(params.user!);
    if (!user) throw notFound.user();
    return renderer.user(user);
  });
  router.on('POST /users/@me/channels', ({ body }) => {
    const { recipient_id } = z.object({ recipient_id: z.string() }).parse(body);
    if (!state.users.has(recipient_id)) throw notFound.user();
    return renderer.channel(state.directMessageChannel(recipient_id));
  });
  router.on('GET /guilds/:guild', ({ params }) => {
    const guild = state.guilds.get(params.guild!);
    if (!guild?.members.has(state.botUser.id)) throw notFound.guild();
    return renderer.guild(guild);
  });
  router.on('GET /guilds/:guild/members/:user', ({ params }) => {
    const member = state.guilds.get(params.guild!)?.members.get(params.user!);
    if (!member) throw notFound.member();
    return renderer.member(member);
  });
  router.on('GET /applications/@me', () => ({
    id: state.application.id,
    name: state.botUser.username,
    flags: state.application.messageContentIntent ? ApplicationFlags.GatewayMessageContentLimited : 0,
    bot_public: true,
    integration_types_config: { 0: {}, 1: {} },
  }));

  router.on('GET /applications/:application/commands', () => state.globalCommands);
  router.on('PUT /applications/:application/commands', ({ body }) => {
    const commands = overwrite(state.globalCommands, body, undefined);
    state.globalCommands.splice(0, state.globalCommands.length, ...commands);
    return commands;
  });
  router.on('GET /applications/:application/guilds/:guild/commands', ({ params }) => {
    return state.guildCommands.get(params.guild!) ?? [];
  });
  router.on('PUT /applications/:application/guilds/:guild/commands', ({ params, body }) => {
    if (!state.guilds.has(params.guild!)) throw notFound.guild();
    const commands = overwrite(state.guildCommands.get(params.guild!) ?? [], body, params.guild);
    state.guildCommands.set(params.guild!, commands);
    return commands;
  });

  /** "Bulk Overwrite": the list replaces all others; a command that keeps its name and type keeps its id. */
  function overwrite(
    existing: readonly APIApplicationCommand[],
    body: unknown,
    guildId: string | undefined,
  ): APIApplicationCommand[] {
    const commands = z.array(command).parse(body);
    for (const [type, limit] of Object.entries(MAX_PER_TYPE)) {
      if (commands.filter((one) => one.type === Number(type)).length > limit) {
        throw invalidForm([
          {
            field: 'commands',
            code: 'APPLICATION_COMMANDS_EXCEEDED',
            message: `Maximum number (${limit}) reached`,
          },
        ]);
      }
    }
    const names = commands.map(({ type, name }) => `${type} ${name}`);
    if (new Set(names).size < names.length) {
      throw invalidForm([
        {
          field: 'commands',
          code: 'APPLICATION_COMMANDS_DUPLICATE_NAME',
          message: 'Application command names must be unique',
        },
      ]);
    }
    return commands.map((one) => {
      const known = existing.find(({ type, name }) => type === one.type && name === one.name);
      return {
        ...one,
        id: known?.id ?? state.snowflakes.next(),
        application_id: state.application.id,
        version: state.snowflakes.next(),
        ...(guildId && { guild_id: guildId }),
      } as unknown as APIApplicationCommand;
    });
  }
}
