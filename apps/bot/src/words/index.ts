import type { BotConfig } from '../config/bot-config.js';
import { chinese } from './chinese.js';
import { english, type Words } from './english.js';
import { german } from './german.js';

export type { Words } from './english.js';

export type Language = 'en' | 'de' | 'zh';

export const languages: Record<Language, Words> = { en: english, de: german, zh: chinese };

/** The language of a BCP 47 locale such as "de-AT"; English where the bot does not speak it. */
export function languageOf(locale: string): Language {
  const language = locale.toLowerCase().split(/[-_]/)[0];
  return language === 'de' || language === 'zh' ? language : 'en';
}

/** The bot's words for a locale as the platform reports it, unless the operator chose one language for all. */
export function wordsFor(locale: string, { language }: Pick<BotConfig, 'language'>): Words {
  return languages[language === 'auto' ? languageOf(locale) : language];
}
