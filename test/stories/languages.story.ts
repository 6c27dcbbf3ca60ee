import { renamedText } from './pictures.js';
import type { Story } from './story.js';

const warnings = {
  Ada: 'notes.png: this is not a picture.',
  Greta: 'notes.png: Das ist kein Bild.',
  Wei: 'notes.png：这不是图片。',
};

export const story: Story = {
  title: "the bot's own words are in the asker's language",
  on: 'everywhere',
  async tell({ chat }) {
    chat.meet('Greta', { language: 'de' });
    chat.meet('Wei', { language: 'zh-CN' });
    for (const [by, warning] of Object.entries(warnings)) {
      const question = await chat.describe(renamedText, undefined, { by });
      await question.until(`${by} reads a warning`, ({ remarks }) => remarks.join().includes(warning));
    }
  },
};
