import { costOf, type TokenUse } from '#libs/curation';

import type { CurateOptions } from './curate-options.js';

type Prices = Pick<CurateOptions, 'promptPrice' | 'completionPrice'>;

/** "12,300 tokens there and 8,100 back, $0.01", without the dollars where no prices were told. */
export function formatTokenUse(use: TokenUse, prices: Prices): string {
  const cost = costAt(use, prices);
  const money = cost === undefined ? '' : `, $${cost.toFixed(2)}`;
  return `${formatCount(use.promptTokens)} tokens there and ${formatCount(use.completionTokens)} back${money}`;
}

export function costAt(use: TokenUse, { promptPrice, completionPrice }: Prices): number | undefined {
  if (promptPrice === undefined || completionPrice === undefined) return undefined;
  return costOf(use, { prompt: promptPrice, completion: completionPrice });
}

function formatCount(count: number): string {
  return count.toLocaleString('en');
}
