import { Inject, Injectable } from '@nestjs/common';
import { type ButtonInteraction, type Message, MessageFlags } from 'discord.js';
import type { BotConfig } from '../../config/bot-config.js';
import { BOT_CONFIG } from '../../config/settings.js';
import { Chat } from '../../contract/index.js';
import { type Words, wordsFor } from '../../words/index.js';
import { InterruptedAnswers } from '../conversation/interrupted-answers.js';
import { presserOf } from '../conversation/people.js';
import { type Control, parseControl } from '../reply/reply-format.js';
import { DescribeListener } from './describe.js';
import { MessageListener } from './messages.js';

/** Stop, try again and feedback. */
@Injectable()
export class ButtonListener {
  constructor(
    private readonly chat: Chat,
    @Inject(BOT_CONFIG) private readonly config: Pick<BotConfig, 'language'>,
    private readonly messages: MessageListener,
    private readonly describe: DescribeListener,
    private readonly interrupted: InterruptedAnswers,
  ) {}

  async handleButton(interaction: ButtonInteraction): Promise<void> {
    const control = parseControl(interaction.customId);
    if (!control) return;
    const words = wordsFor(interaction.locale, this.config);
    switch (control.action) {
      case 'stop':
        return this.stop(interaction, control, words);
      case 'regenerate':
        return this.regenerate(interaction, control, words);
      case 'feedback-up':
      case 'feedback-down':
        this.chat.countFeedback('discord', control.action === 'feedback-up' ? 'up' : 'down');
        return tell(interaction, words.discord.thanks);
    }
  }

  private async stop(interaction: ButtonInteraction, control: Control, words: Words): Promise<void> {
    switch (await this.chat.stop(control.questionId, presserOf(interaction), control.askerId)) {
      case 'stopped':
        await interaction.deferUpdate();
        return;
      case 'not-allowed':
        return tell(interaction, words.onlyAskerMayControl);
      case 'not-running':
        await interaction.deferUpdate();
        await this.interrupted.markIfInterrupted(interaction.message);
    }
  }

  private async regenerate(interaction: ButtonInteraction, control: Control, words: Words): Promise<void> {
    if (!this.chat.mayControl(presserOf(interaction), control.askerId)) {
      return tell(interaction, words.onlyAskerMayControl);
    }
    await interaction.deferUpdate();
    const answer = interaction.message;
    if (answer.interactionMetadata) {
      return this.describe.answerAgain(interaction, answer, control.questionId);
    }
    const question = await answer.channel.messages.fetch(control.questionId).catch(() => undefined);
    if (!question) {
      await interaction.followUp({ content: words.discord.questionGone, flags: MessageFlags.Ephemeral });
      return;
    }
    // A webhook spoke for somebody else, whom only the buttons name.
    const asker = question.webhookId ? { asker: { ...presserOf(interaction), id: control.askerId } } : {};
    await this.messages.answer(question, { earlier: await readParts(answer, question.id), ...asker });
  }
}

async function tell(interaction: ButtonInteraction, content: string): Promise<void> {
  await interaction.reply({ content, flags: MessageFlags.Ephemeral });
}

/** All messages of an answer, first to last: each replies to the one before, the first to the question. */
async function readParts(last: Message, questionId: string): Promise<Message[]> {
  const parts = [last];
  let before = last.reference?.messageId;
  while (before !== undefined && before !== questionId) {
    const part: Message | undefined = await last.channel.messages.fetch(before).catch(() => undefined);
    if (part?.author.id !== last.author.id) break;
    parts.unshift(part);
    before = part.reference?.messageId;
  }
  return parts;
}
