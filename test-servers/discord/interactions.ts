import {
  type APIApplicationCommand,
  type APIAttachment,
  ApplicationCommandType,
  ApplicationIntegrationType,
  ChannelType,
  InteractionContextType,
  InteractionResponseType,
  InteractionType,
  MessageFlags,
  MessageType,
  RESTJSONErrorCodes,
} from 'discord.js';
import type { Upload } from './cdn.js';
import { badRequest, notFound } from './errors.js';
import type { Gateway } from './gateway.js';
import type { MessageBoard } from './message-board.js';
import { type MessageBody, messageBody } from './message-rules.js';
import { channelPermissions } from './permissions.js';
import type { Renderer } from './rendering.js';
import type { Channel, Interaction, Message, State, User } from './state.js';

/** "You must send an initial response within 3 seconds of receiving the event" (Receiving and Responding). */
export const FIRST_RESPONSE_MS = 3000;
/** "Interaction tokens are valid for 15 minutes" (Receiving and Responding). */
const TOKEN_LIFETIME_MS = 15 * 60 * 1000;
/** Follow-ups of an app that is only installed for the user (Receiving and Responding: followup messages). */
const MAX_USER_INSTALLED_FOLLOW_UPS = 5;

/** What the user did, as the `data` of the interaction. */
export interface Trigger {
  readonly type: InteractionType;
  readonly data: { readonly name?: string; readonly [further: string]: unknown };
  readonly message?: Message;
}

/** Sends interactions to the bot and takes its answers. */
export class Interactions {
  constructor(
    private readonly state: State,
    private readonly renderer: Renderer,
    private readonly gateway: Gateway,
    private readonly board: MessageBoard,
  ) {}

  start(user: User, channel: Channel, trigger: Trigger): Interaction {
    const guild = this.state.guilds.get(channel.guildId ?? '');
    const isBotThere = guild
      ? guild.members.has(this.state.botUser.id)
      : channel.recipientIds.includes(this.state.botUser.id);
    const interaction: Interaction = {
      id: this.state.snowflakes.next(),
      token: this.state.newInteractionToken(),
      type: trigger.type,
      userId: user.id,
      channelId: channel.id,
      createdAt: this.state.clock.now(),
      waitingSince: this.state.clock.lived(),
      userInstalledOnly: !isBotThere,
      command: trigger.data.name,
      sourceMessageId: trigger.message?.id,
      response: 'none',
      respondedAt: undefined,
      ephemeral: false,
      originalMessageId: undefined,
      followUps: 0,
      modal: undefined,
    };
    this.state.interactions.set(interaction.id, interaction);
    const owners =
      isBotThere && guild
        ? { [ApplicationIntegrationType.GuildInstall]: guild.id }
        : { [ApplicationIntegrationType.UserInstall]: user.id };
    const payload = {
      id: interaction.id,
      application_id: this.state.application.id,
      type: trigger.type,
      data: trigger.data,
      token: interaction.token,
      version: 1,
      channel_id: channel.id,
      channel: {
        ...this.renderer.channel(channel),
        permissions: channelPermissions(this.state, channel, user.id).toString(),
      },
      locale: user.locale,
      app_permissions: channelPermissions(this.state, channel, this.state.botUser.id).toString(),
      authorizing_integration_owners: owners,
      context: contextOf(channel, this.state.botUser.id),
      entitlements: [],
      attachment_size_limit: 10 * 1024 * 1024,
      ...(trigger.message && { message: this.renderer.message(trigger.message) }),
      ...(guild
        ? {
            guild_id: guild.id,
            guild: { id: guild.id, locale: 'en-US', features: [] },
            guild_locale: 'en-US',
            member: this.renderer.interactionMember(guild, channel, user.id),
          }
        : { user: this.renderer.user(user) }),
    };
    // Interactions reach the bot on the shard of the guild, and without any intent.
    this.gateway.dispatch('INTERACTION_CREATE', isBotThere ? channel.guildId : null, 0, () => payload);
    return interaction;
  }

  /** "Create Interaction Response". */
  async respond(
    id: string,
    token: string,
    type: number,
    data: Record<string, unknown> | undefined,
    uploads: readonly Upload[],
  ): Promise<{ interaction: Interaction; message: Message | undefined }> {
    const interaction = this.state.interactions.get(id);
    if (!interaction || interaction.token !== token) throw notFound.interaction();
    if (interaction.response !== 'none') {
      throw badRequest(
        RESTJSONErrorCodes.InteractionHasAlreadyBeenAcknowledged,
        'Interaction has already been acknowledged.',
      );
    }
    if (this.state.clock.lived() - interaction.waitingSince > FIRST_RESPONSE_MS) throw notFound.interaction();
    const message = await this.takeResponse(interaction, type, data, uploads);
    interaction.respondedAt = this.state.clock.now();
    return { interaction, message };
  }

  /** "Create Followup Message". The first one after a deferral becomes the original response. */
  async followUp(token: string, body: MessageBody, uploads: readonly Upload[]): Promise<Message> {
    const interaction = this.withValidToken(token);
    if (interaction.response === 'none') throw notFound.webhook();
    if (interaction.response === 'deferred') return this.answer(interaction, body, uploads);
    if (interaction.userInstalledOnly && interaction.followUps >= MAX_USER_INSTALLED_FOLLOW_UPS) {
      throw badRequest(
        RESTJSONErrorCodes.ThisInteractionHasHitTheMaximumNumberOfFollowUpMessages,
        'This interaction has reached the maximum number of follow up messages',
      );
    }
    interaction.followUps++;
    return this.post(interaction, body, uploads, ((body.flags ?? 0) & MessageFlags.Ephemeral) !== 0);
  }

  /** "Edit Original Interaction Response" and "Edit Followup Message". */
  async edit(
    token: string,
    messageId: string,
    body: MessageBody,
    uploads: readonly Upload[],
  ): Promise<Message> {
    const interaction = this.withValidToken(token);
    if (messageId === '@original' && interaction.response === 'deferred' && !interaction.originalMessageId) {
      return this.answer(interaction, body, uploads);
    }
    return this.board.edit(this.find(interaction, messageId), this.state.botUser.id, body, uploads);
  }

  /** "Delete Original Interaction Response", which also takes "… is thinking" away, and "Delete Followup Message". */
  delete(token: string, messageId: string): void {
    const interaction = this.withValidToken(token);
    if (messageId === '@original' && interaction.response === 'deferred') {
      interaction.response = 'answered';
      return;
    }
    this.board.delete(this.find(interaction, messageId), this.state.botUser.id);
  }

  message(token: string, messageId: string): Message {
    return this.find(this.withValidToken(token), messageId);
  }

  private async takeResponse(
    interaction: Interaction,
    type: number,
    data: Record<string, unknown> | undefined,
    uploads: readonly Upload[],
  ): Promise<Message | undefined> {
    switch (type) {
      case InteractionResponseType.ChannelMessageWithSource:
        interaction.response = 'deferred';
        interaction.ephemeral = isEphemeral(data);
        return this.answer(interaction, messageBody.parse(data ?? {}), uploads);
      case InteractionResponseType.DeferredChannelMessageWithSource:
        interaction.response = 'deferred';
        interaction.ephemeral = isEphemeral(data);
        return undefined;
      case InteractionResponseType.DeferredMessageUpdate:
        this.requireSource(interaction);
        interaction.response = 'answered';
        interaction.originalMessageId = interaction.sourceMessageId;
        return undefined;
      case InteractionResponseType.UpdateMessage: {
        const source = this.requireSource(interaction);
        interaction.response = 'answered';
        interaction.originalMessageId = source.id;
        return this.board.edit(source, this.state.botUser.id, messageBody.parse(data ?? {}), uploads);
      }
      case InteractionResponseType.Modal:
        interaction.response = 'answered';
        interaction.modal = {
          customId: String(data?.custom_id),
          title: String(data?.title),
          components: data?.components,
        };
        return undefined;
      default:
        throw badRequest(RESTJSONErrorCodes.InvalidFormBodyOrContentType, `Unknown response type ${type}`);
    }
  }

  private async answer(
    interaction: Interaction,
    body: MessageBody,
    uploads: readonly Upload[],
  ): Promise<Message> {
    const message = await this.post(interaction, body, uploads, interaction.ephemeral);
    interaction.response = 'answered';
    interaction.originalMessageId = message.id;
    return message;
  }

  private post(
    interaction: Interaction,
    body: MessageBody,
    uploads: readonly Upload[],
    ephemeral: boolean,
  ): Promise<Message> {
    const channel = this.state.channels.get(interaction.channelId)!;
    const flags = (body.flags ?? 0) | (ephemeral ? MessageFlags.Ephemeral : 0);
    const isCommand = interaction.type === InteractionType.ApplicationCommand;
    return this.board.send(channel, this.state.botUser.id, { ...body, flags }, uploads, {
      type: isCommand ? MessageType.ChatInputCommand : MessageType.Reply,
      interaction: { id: interaction.id, visibleOnlyTo: ephemeral ? interaction.userId : undefined },
    });
  }

  private withValidToken(token: string): Interaction {
    const interaction = [...this.state.interactions.values()].find((one) => one.token === token);
    if (!interaction) throw notFound.webhook();
    if (this.state.clock.now() - interaction.createdAt > TOKEN_LIFETIME_MS) {
      throw badRequest(RESTJSONErrorCodes.InvalidWebhookToken, 'Invalid Webhook Token');
    }
    return interaction;
  }

  private find(interaction: Interaction, messageId: string): Message {
    const id = messageId === '@original' ? interaction.originalMessageId : messageId;
    const message = this.state.messages.get(id ?? '');
    const belongs =
      message && (message.interactionId === interaction.id || message.id === interaction.sourceMessageId);
    if (!message || !belongs || message.deletedAt !== undefined) throw notFound.message();
    return message;
  }

  private requireSource(interaction: Interaction): Message {
    const source = this.state.messages.get(interaction.sourceMessageId ?? '');
    if (!source)
      throw badRequest(RESTJSONErrorCodes.InvalidFormBodyOrContentType, 'There is no message to update');
    return source;
  }
}

/** The `data` of a slash command; an attachment option goes through `resolved`. */
export function slashCommandData(
  command: APIApplicationCommand,
  guildId: string | null,
  options: readonly { name: string; type: number; value: string }[],
  attachments: readonly APIAttachment[],
): Trigger['data'] {
  return {
    id: command.id,
    name: command.name,
    type: ApplicationCommandType.ChatInput,
    ...(guildId && command.guild_id && { guild_id: command.guild_id }),
    options,
    ...(attachments.length > 0 && {
      resolved: { attachments: Object.fromEntries(attachments.map((one) => [one.id, one])) },
    }),
  };
}

function contextOf(channel: Channel, botId: string): InteractionContextType {
  if (channel.guildId !== null) return InteractionContextType.Guild;
  return channel.type === ChannelType.DM && channel.recipientIds.includes(botId)
    ? InteractionContextType.BotDM
    : InteractionContextType.PrivateChannel;
}

function isEphemeral(data: Record<string, unknown> | undefined): boolean {
  return (Number(data?.flags ?? 0) & MessageFlags.Ephemeral) !== 0;
}
