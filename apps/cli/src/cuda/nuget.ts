import { z } from 'zod';
import { CodedError } from '#libs/errors';
import { proxiedFetch } from '../console/proxied-fetch.js';

/** ONNX Runtime's CUDA libraries for Linux, where onnxruntime-node's own install script takes them from. */
export const PACKAGE = 'Microsoft.ML.OnnxRuntime.Gpu.Linux';
export const NUGET = 'https://api.nuget.org/v3/index.json';

const serviceIndex = z.object({ resources: z.array(z.object({ '@id': z.url(), '@type': z.string() })) });
const registration = z.object({ catalogEntry: z.url() });
const catalogEntry = z.object({ packageHash: z.string(), packageHashAlgorithm: z.literal('SHA512') });

export interface NugetPackage {
  readonly url: string;
  /** In base64, as NuGet lists it. */
  readonly sha512: string;
}

/**
 * Finds a version of the package and its digest (NuGet, "Server API").
 * @throws CodedError `cuda-install` where the server cannot be reached or has it not
 */
export async function findPackage(index: string, version: string): Promise<NugetPackage> {
  const { resources } = await fetchJson(index, version, serviceIndex);
  const resource = (type: string) => {
    const found = resources.find((candidate) => candidate['@type'].startsWith(type));
    if (!found) throw new CodedError('cuda-install', `${index} is no NuGet server: it names no ${type}.`);
    return found['@id'].replace(/\/*$/, '/');
  };
  const id = PACKAGE.toLowerCase();
  const leaf = await fetchJson(
    `${resource('RegistrationsBaseUrl')}${id}/${version}.json`,
    version,
    registration,
  );
  const { packageHash } = await fetchJson(leaf.catalogEntry, version, catalogEntry);
  return {
    url: `${resource('PackageBaseAddress')}${id}/${version}/${id}.${version}.nupkg`,
    sha512: packageHash,
  };
}

/**
 * A response with status 200.
 * @param version of the package that is looked for, to be named where the server cannot be reached
 * @throws CodedError `cuda-install`
 */
export async function request(url: string, version: string): Promise<Response> {
  let response: Response;
  try {
    response = await proxiedFetch(url);
  } catch (cause) {
    throw new CodedError(
      'cuda-install',
      `${new URL(url).host} cannot be reached. Without internet: download ` +
        `https://www.nuget.org/api/v2/package/${PACKAGE}/${version} on another machine, carry the .nupkg file over, ` +
        'and run "npm run install:cuda -- --from FILE".',
      { cause },
    );
  }
  if (!response.ok) throw new CodedError('cuda-install', `${url} answered with status ${response.status}.`);
  return response;
}

async function fetchJson<Type>(url: string, version: string, schema: z.ZodType<Type>): Promise<Type> {
  const response = await request(url, version);
  const parsed = schema.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success) throw new CodedError('cuda-install', `${url} is not what a NuGet server gives.`);
  return parsed.data;
}
