import { Settings } from '../config/settings.js';
import { type Language, languageOf, languages, type Words, wordsFor } from './index.js';

describe('the bot’s own words', () => {
  it.each([
    ['en-US', 'en'],
    ['de', 'de'],
    ['de-AT', 'de'],
    ['zh-CN', 'zh'],
    ['zh_TW', 'zh'],
    ['fr', 'en'],
    ['de-DE,de;q=0.9,en;q=0.8', 'de'],
  ])('are chosen by the platform’s locale: %s', (locale, language) => {
    expect(languageOf(locale)).toBe(language);
    expect(wordsFor(locale, Settings.parse().config)).toBe(languages[language as Language]);
  });

  it('are in the language that the operator chose for all', () => {
    expect(wordsFor('en-US', Settings.parse({}, { language: 'zh' }).config)).toBe(languages.zh);
  });

  it.each<Language>(['de', 'zh'])('are all translated: %s', (language) => {
    // What is asked of the model is in the model's language.
    const isAskedOfTheModel = (name: string) => name.endsWith('.message');
    const untranslated = Object.entries(spoken(languages[language])).filter(
      ([name, sentence]) =>
        spoken(languages.en)[name] === sentence &&
        !['duration', 'page.seconds'].includes(name) &&
        !isAskedOfTheModel(name),
    );
    expect(untranslated).toEqual([]);
  });
});

/** Every sentence by its name, said of the same things. */
function spoken(words: Words | Words[keyof Words]): Record<string, string> {
  const sentences = Object.entries(words).flatMap(([name, entry]): [string, string][] => {
    if (typeof entry === 'string') return [[name, entry]];
    if (typeof entry === 'function') return [[name, String(Reflect.apply(entry, undefined, ['2', '3']))]];
    return Object.entries(spoken(entry)).map(([inner, sentence]) => [`${name}.${inner}`, sentence]);
  });
  return Object.fromEntries(sentences);
}
