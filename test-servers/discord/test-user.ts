import {
  type APIApplicationCommand,
  type APIAttachment,
  type APIEmbed,
  type APIMessageTopLevelComponent,
  type APIStickerItem,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  InteractionType,
  MessageFlags,
  MessageType,
} from 'discord.js';
import { attach, type Upload } from './cdn.js';
import { slashCommandData } from './interactions.js';
import type { Internals } from './internals.js';
import type { Channel, Interaction, Message, User } from './state.js';
import { shown } from './transcript.js';

export interface Post {
  readonly text?: string;
  readonly attachments?: readonly Upload[];
  readonly replyTo?: { readonly id: string };
  /** Whether a reply rings at its addressee, as Discord's clients do unless switched off. */
  readonly pingsReplied?: boolean;
  /** Puts the bot's mention before the text. */
  readonly mention?: 'bot';
  /** Link previews that Discord's own crawler added. */
  readonly embeds?: readonly APIEmbed[];
  readonly stickers?: readonly APIStickerItem[];
  /** Components V2, as other bots send them. */
  readonly components?: readonly APIMessageTopLevelComponent[];
}

/** A person in front of a Discord client. */
export class TestUser {
  constructor(
    private readonly server: Internals,
    readonly user: User,
  ) {}

  get id(): string {
    return this.user.id;
  }

  async send(channel: Channel, post: Post): Promise<Message> {
    const { botUser } = this.server.state;
    const content = [post.mention ? `<@${botUser.id}>` : '', post.text ?? ''].filter(Boolean).join(' ');
    const body = {
      content,
      embeds: [...(post.embeds ?? [])],
      ...(post.components && { components: [...post.components], flags: MessageFlags.IsComponentsV2 }),
      ...(post.replyTo && { message_reference: { message_id: post.replyTo.id } }),
      ...(post.pingsReplied === false && {
        allowed_mentions: {
          parse: ['users' as const, 'roles' as const, 'everyone' as const],
          replied_user: false,
        },
      }),
    };
    return this.server.board.send(
      channel,
      this.id,
      body,
      post.attachments ?? [],
      post.stickers ? { stickers: post.stickers } : {},
    );
  }

  /** Forwards a message: the copy has no text of its own, only a snapshot (Discord docs, Message Snapshots). */
  async forward(message: Message, channel: Channel): Promise<Message> {
    const { content, attachments, embeds, components, stickers, createdAt } = message;
    const of = { id: message.id, channelId: message.channelId };
    return this.server.board.send(channel, this.id, {}, [], {
      type: MessageType.Default,
      snapshots: [{ of, content, attachments, embeds, components, stickers, createdAt }],
    });
  }

  async edit(message: Message, text: string): Promise<void> {
    await this.server.board.edit(message, this.id, { content: text }, []);
  }

  delete(message: Message): void {
    this.server.board.delete(message, this.id);
  }

  openThread(message: Message, name: string): Channel {
    return this.server.openThread(message, name, this.id);
  }

  /** Uses a slash command; values that are files become attachment options. */
  async command(
    channel: Channel,
    name: string,
    options: Readonly<Record<string, string | Upload>> = {},
  ): Promise<Interaction> {
    const command = this.findCommand(channel, name, ApplicationCommandType.ChatInput);
    const attachments: APIAttachment[] = [];
    const values: { name: string; type: number; value: string }[] = [];
    for (const [optionName, value] of Object.entries(options)) {
      const declared = command.options?.find((one) => one.name === optionName);
      if (!declared) throw new Error(`/${name} has no option "${optionName}".`);
      if (typeof value === 'string') {
        values.push({ name: optionName, type: declared.type, value });
        continue;
      }
      if (declared.type !== ApplicationCommandOptionType.Attachment) {
        throw new Error(`The option "${optionName}" of /${name} takes no file.`);
      }
      const attachment = await attach(this.server.state.snowflakes.next(), value);
      attachments.push(this.server.cdn.render(channel.id, attachment));
      values.push({ name: optionName, type: declared.type, value: attachment.id });
    }
    const missing = (command.options ?? []).find(
      (one) => 'required' in one && one.required && !(one.name in options),
    );
    if (missing) throw new Error(`Discord would not send /${name} without "${missing.name}".`);
    return this.server.interactions.start(this.user, channel, {
      type: InteractionType.ApplicationCommand,
      data: slashCommandData(command, channel.guildId, values, attachments),
    });
  }

  /** Picks an entry of the menu of a message. */
  messageCommand(message: Message, name: string): Interaction {
    const channel = this.server.state.channels.get(message.channelId)!;
    const command = this.findCommand(channel, name, ApplicationCommandType.Message);
    return this.server.interactions.start(this.user, channel, {
      type: InteractionType.ApplicationCommand,
      data: {
        id: command.id,
        name,
        type: ApplicationCommandType.Message,
        target_id: message.id,
        resolved: { messages: { [message.id]: this.server.renderer.message(message) } },
      },
    });
  }

  /** Presses the button with this label. */
  press(message: { readonly id: string }, label: string): Interaction {
    const target = this.server.state.messages.get(message.id)!;
    const { buttons } = shown(this.server.state, target);
    const button = buttons.find((one) => one.label === label);
    if (!button?.customId || button.disabled) {
      throw new Error(
        `There is no button "${label}" to press, only ${buttons.map((one) => one.label).join(', ')}.`,
      );
    }
    return this.server.interactions.start(this.user, this.server.state.channels.get(target.channelId)!, {
      type: InteractionType.MessageComponent,
      data: { component_type: 2, custom_id: button.customId },
      message: target,
    });
  }

  private findCommand(channel: Channel, name: string, type: ApplicationCommandType): APIApplicationCommand {
    const { state } = this.server;
    const commands = [...(state.guildCommands.get(channel.guildId ?? '') ?? []), ...state.globalCommands];
    const found = commands.find((one) => one.name === name && one.type === type);
    if (!found)
      throw new Error(
        `No command "${name}" is registered, only ${commands.map((one) => one.name).join(', ')}.`,
      );
    return found;
  }
}
