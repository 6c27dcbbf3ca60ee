import type { Story } from './story.js';

export const story: Story = {
  title: 'commands are registered for servers and for people, and again without a change',
  on: 'discord',
  async tell({ chat }) {
    const registered = () =>
      chat.discord.state.globalCommands.map(({ id, name, type, integration_types, contexts }) => ({
        id,
        name,
        type,
        integration_types,
        contexts,
      }));
    const first = registered();
    const places = { integration_types: [0, 1], contexts: [0, 1, 2] };
    expect(first).toMatchObject([
      { name: 'describe', type: 1, ...places },
      { name: 'alt-text', type: 1, ...places },
      { name: 'Describe this image', type: 3, ...places },
      { name: 'Alt text', type: 3, ...places },
    ]);
    await chat.restart();
    expect(registered()).toEqual(first);
  },
};
