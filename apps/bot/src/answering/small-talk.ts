const listWords = (words: string) => new Set(words.split(' '));

/** What greetings, thanks and good-byes begin with, in the bot's languages … */
const openings = listWords(
  'hello hi hey hiya howdy thanks thank thx ty cheers bye goodbye ok okay welcome ' +
    'hallo moin servus danke tschüss tschüs ciao 你好 您好 大家好 嗨 哈喽 早上好 早安 下午好 晚上好 晚安 谢谢 多谢 感谢 再见 拜拜 好的',
);
/** … and what may follow. No word that could ask something. */
const fillers = listWords(
  `${[...openings].join(' ')} there again bot friend friends everyone everybody all you to so very much a lot for your ` +
    'help good great nice morning afternoon evening night dir dich ihr zusammen sehr vielmals schön für deine hilfe 你 您 你们 啊 呀 了',
);
const phrases = listWords(
  'good_morning good_afternoon good_evening good_night how_are_you how_are_you_today who_are_you see_you see_you_later ' +
    'guten_morgen guten_tag guten_abend gute_nacht grüß_dich grüß_gott vielen_dank herzlichen_dank wie_geht_es_dir ' +
    'wie_geht_s wer_bist_du bis_später 你是谁 非常感谢 太好了 太棒了',
);
const wordsIn = new Intl.Segmenter('zh', { granularity: 'word' });
/** In characters; greetings are shorter. */
const maxLength = 80;

/**
 * True for messages that need no picture to be answered: a greeting, thanks, a good-bye. Everything else may be about a
 * picture: a needless remark does less harm than an invented answer that nobody recognises as one.
 */
export function isSmallTalk(text: string): boolean {
  if (text.length > maxLength) return false;
  const words = [...wordsIn.segment(text.toLowerCase())].flatMap(({ segment, isWordLike }) =>
    isWordLike ? segment.split(/['’]/) : [],
  );
  const [first] = words;
  // An emoji alone asks nothing, and a question mark alone does.
  if (first === undefined) return !/[?？]/.test(text);
  if (phrases.has(words.join('_')) || phrases.has(words.join(''))) return true;
  return openings.has(first) && words.every((word) => fillers.has(word));
}
