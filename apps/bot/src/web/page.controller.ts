import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Controller, Get, Inject, NotFoundException, Param, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';

import type { BotConfig } from '../config/bot-config.js';
import { BOT_CONFIG } from '../config/settings.js';
import { type Language, languageOf, languages } from '../words/index.js';
import type { PageSettings } from './protocol.js';

/** Nothing but this server's own files may run or be shown, and no other page may frame this one. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Libraries that the page loads as they were installed, by the names that it imports. */
const libraries = new Map(
  ['marked', 'dompurify', 'remend'].map((name) => [`${name}.js`, fileURLToPath(import.meta.resolve(name))]),
);

export const pageFolder = join(import.meta.dirname, 'page');

/** What all web pages of this project share: colours, fonts and how elements are found. */
export const sharedFolder = dirname(createRequire(import.meta.url).resolve('#shared-page/theme.css'));

/** The page itself, in the visitor's language. */
@Controller()
export class PageController {
  private readonly template = readFileSync(join(pageFolder, 'index.html'), 'utf8');

  constructor(
    @Inject(BOT_CONFIG) private readonly config: Pick<BotConfig, 'language' | 'images' | 'conversation'>,
  ) {}

  @Get()
  page(@Req() request: Request, @Res() response: Response): void {
    const { language: configured, images, conversation } = this.config;
    const language = configured === 'auto' ? chooseLanguage(request) : configured;
    const words = languages[language].page;
    const settings: PageSettings = {
      locale: language,
      words,
      maxImages: images.maxPerQuestion,
      maxImageBytes: images.maxBytes,
      maxMessages: conversation.maxMessages,
    };
    const html = this.template
      .replace('lang="en"', `lang="${language}"`)
      .replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
        if (name === 'settings') return escapeHtml(JSON.stringify(settings));
        return escapeHtml(words[name as keyof typeof words] ?? fail(name));
      });
    response
      .set({
        'content-security-policy': contentSecurityPolicy,
        'cache-control': 'no-cache',
        vary: 'accept-language',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      })
      .type('html')
      .send(html);
  }

  @Get('libraries/:name')
  library(@Param('name') name: string, @Res() response: Response): void {
    const file = libraries.get(name);
    if (!file) throw new NotFoundException();
    response.type('js').sendFile(file, { maxAge: '1h' });
  }
}

/** The language that the visitor understands best of those the bot speaks. */
function chooseLanguage(request: Request): Language {
  return languageOf(request.acceptsLanguages(Object.keys(languages)) || 'en');
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function fail(name: string): never {
  throw new Error(`The page asks for "${name}", which the bot has no words for.`);
}
