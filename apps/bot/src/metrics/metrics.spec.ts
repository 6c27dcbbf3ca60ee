import { Metrics } from './metrics.js';

const linesOf = async (metrics: Metrics) => (await metrics.render()).split('\n');

describe("the bot's metrics", () => {
  it('count questions by their outcome, and time those that were answered', async () => {
    const metrics = new Metrics(() => 2);
    metrics.countAnswer('slack', 'answered', 3);
    metrics.countAnswer('slack', 'answered', 4);
    metrics.countAnswer('slack', 'failed', 100);
    expect(await linesOf(metrics)).toEqual(
      expect.arrayContaining([
        'minigpt4_bot_questions_total{platform="slack",outcome="answered"} 2',
        'minigpt4_bot_questions_total{platform="slack",outcome="failed"} 1',
        'minigpt4_bot_answer_seconds_sum{platform="slack"} 7',
        'minigpt4_bot_answer_seconds_count{platform="slack"} 2',
        'minigpt4_bot_running_answers 2',
      ]),
    );
  });

  it('tell answers apart by how long people waited, up to five minutes', async () => {
    const metrics = new Metrics(() => 0);
    const bounds = [0.5, 1, 2, 5, 10, 20, 60, 120, 300];
    for (const seconds of bounds) metrics.countAnswer('slack', 'answered', seconds);
    metrics.countAnswer('slack', 'answered', 301);
    expect(await linesOf(metrics)).toEqual(
      expect.arrayContaining(
        [...bounds, '+Inf'].map(
          (bound, index) => `minigpt4_bot_answer_seconds_bucket{le="${bound}",platform="slack"} ${index + 1}`,
        ),
      ),
    );
  });

  it('count votes, and what could not be read', async () => {
    const metrics = new Metrics(() => 0);
    metrics.countVote('discord', 'up');
    metrics.countUnreadable('discord');
    metrics.countIgnoredMessage();
    expect(await linesOf(metrics)).toEqual(
      expect.arrayContaining([
        'minigpt4_bot_feedback_total{platform="discord",vote="up"} 1',
        'minigpt4_bot_unreadable_items_total{platform="discord"} 1',
        'minigpt4_bot_unreadable_messages_total 1',
      ]),
    );
  });

  it.each([1, 2])('add what %d other processes of the bot counted', async (others) => {
    const other = new Metrics(() => 5);
    other.countVote('discord', 'down');
    const metrics = new Metrics(() => 1);
    metrics.countVote('discord', 'down');
    metrics.include(async () => Array(others).fill(await other.registry.getMetricsAsJSON()));
    expect(await linesOf(metrics)).toEqual(
      expect.arrayContaining([
        `minigpt4_bot_feedback_total{platform="discord",vote="down"} ${1 + others}`,
        `minigpt4_bot_running_answers ${1 + 5 * others}`,
      ]),
    );
  });
});
