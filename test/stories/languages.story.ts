import { renamedText } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: "the bot's own words are in the asker's language",
  on: 'everywhere',
  async tell({ chat }) {
    chat.meet('Greta', { language: 'de' });
    chat.meet('Wei', { language: 'zh-CN' });
    const said = async (by: string) => {
      const question = await chat.describe(renamedText, undefined, { by });
      const { remarks } = await question.until('the warning', ({ shown }) => shown.includes('notes.png'));
      return remarks.join();
    };
    expect(await said('Ada')).toContain('notes.png: this is not a picture.');
    expect(await said('Greta')).toContain('notes.png: Das ist kein Bild.');
    expect(await said('Wei')).toMatch(/notes\.png.*图片/);
  },
};
