export {
  type FetchOptions,
  type FetchSettings,
  GuardedFetcher,
  ImageFetchError,
  type ResolveName,
} from './guarded-fetcher.js';
