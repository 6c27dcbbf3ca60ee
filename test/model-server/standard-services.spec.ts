import { createRequire } from 'node:module';

import {
  type Client,
  type ClientDuplexStream,
  credentials,
  loadPackageDefinition,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath as healthProto } from 'grpc-health-check';
import { ScriptedEngine } from '../support/scripted-engine.js';
import { type RunningServer, runServer } from './running-server.js';

const reflectionProto = createRequire(import.meta.url)
  .resolve('@grpc/reflection')
  .replace(/src.index\.js$/, 'proto/grpc/reflection/v1/reflection.proto');

let server: RunningServer;

beforeAll(async () => {
  server = await runServer(() => new ScriptedEngine());
});

afterAll(() => server.close());

interface HealthClient extends Client {
  check(request: object, callback: (error: Error | null, response: unknown) => void): void;
}

interface ReflectionResponse {
  readonly list_services_response?: { readonly service: readonly { readonly name: string }[] };
  readonly file_descriptor_response?: { readonly file_descriptor_proto: readonly Buffer[] };
}

interface ReflectionClient extends Client {
  ServerReflectionInfo(): ClientDuplexStream<object, ReflectionResponse>;
}

/** A client as any tool makes it from a published .proto file. */
function clientOf<Service extends Client>(proto: string, service: string): Service {
  let found: unknown = loadPackageDefinition(loadSync(proto, { enums: String, keepCase: true }));
  for (const name of service.split('.')) found = (found as Record<string, unknown>)[name];
  const ServiceClient = found as ServiceClientConstructor;
  return new ServiceClient(server.address, credentials.createInsecure()) as unknown as Service;
}

describe('the health service', () => {
  it.each(['', 'minigpt4.v1.ChatService'])('says that "%s" is serving', async (service) => {
    const client = clientOf<HealthClient>(healthProto, 'grpc.health.v1.Health');
    const answer = await new Promise((resolve, reject) => {
      client.check({ service }, (error, response) => (error ? reject(error) : resolve(response)));
    });
    client.close();
    expect(answer).toEqual({ status: 'SERVING' });
  });
});

describe('the reflection service', () => {
  async function ask(request: object): Promise<ReflectionResponse> {
    const client = clientOf<ReflectionClient>(reflectionProto, 'grpc.reflection.v1.ServerReflection');
    const call = client.ServerReflectionInfo();
    try {
      return await new Promise((resolve, reject) => {
        call.on('data', resolve);
        call.on('error', reject);
        call.write(request);
      });
    } finally {
      call.end();
      client.close();
    }
  }

  it('lists the services', async () => {
    const { list_services_response } = await ask({ list_services: '*' });
    const services = list_services_response?.service.map(({ name }) => name);
    expect(services).toEqual(expect.arrayContaining(['minigpt4.v1.ChatService', 'grpc.health.v1.Health']));
  });

  it('describes the messages of the chat service', async () => {
    const { file_descriptor_response } = await ask({ file_containing_symbol: 'minigpt4.v1.GenerateRequest' });
    const files = file_descriptor_response?.file_descriptor_proto ?? [];
    expect(files.some((file) => file.includes('stop_sequences'))).toBe(true);
  });
});
