import { bat } from './pictures.js';
import type { Story } from './story.js';

export const story: Story = {
  title: 'nobody is answered in a server or workspace on the deny list, not by commands either',
  on: 'messengers',
  async tell({ chat, model }) {
    await chat.reconfigure({ permissions: { servers: { deny: [chat.idOfServer] } } });
    const refused = await (await chat.ask('What is this?', { pictures: [bat] })).answer();
    expect(refused.remarks).toEqual(['I am not set up to answer you here.']);
    await chat.describe(bat, undefined, { by: 'Ben' });
    expect(await chat.toldAlone('Ben')).toContain('I am not set up to answer you here.');
    expect(model.prompts).toEqual([]);
  },
};
