import { randomUUID } from 'node:crypto';
import { Injectable, NotFoundException } from '@nestjs/common';
import { type EventType, type Outcome, type TestRequest } from '@kirisan/contracts';
import { ActivateEndpointService } from '../activate-endpoint/activate-endpoint.service.js';
import { ChannelCatalog } from '../channels/channel-catalog.js';
import { readEvents } from '../endpoints/endpoint-events.js';
import { EndpointRepository } from '../endpoints/endpoint.repository.js';
import { InvalidFieldException } from '../http/invalid-field.js';
import { Database } from '../storage/database.js';
import type { DeviceEntity } from '../storage/device.entity.js';
import type { EndpointEntity } from '../storage/endpoint.entity.js';
import { samplePayload } from './sample-payload.js';
import { TestDeliveryClient } from './test-delivery.client.js';
import type { TestEndpointDto, TestResultView } from './test-endpoint.dto.js';

interface Prepared {
  endpoint: EndpointEntity;
  device: DeviceEntity;
  event: EventType;
  payload: string;
}

/** Webhooks → Test: one real POST of a sample, and the activation of the endpoint when it succeeds. */
@Injectable()
export class TestEndpointService {
  constructor(
    private readonly database: Database,
    private readonly endpoints: EndpointRepository,
    private readonly catalog: ChannelCatalog,
    private readonly client: TestDeliveryClient,
    private readonly activation: ActivateEndpointService,
  ) {}

  /** The JSON that a test at this moment would send. */
  async sample(endpointId: string, choice: TestEndpointDto): Promise<string> {
    return (await this.prepare(endpointId, choice)).payload;
  }

  async run(endpointId: string, choice: TestEndpointDto): Promise<TestResultView> {
    const prepared = await this.prepare(endpointId, choice);
    const outcome = await this.client.run(testRequest(prepared));
    if (outcome.status === 'success') await this.activation.proved(endpointId, prepared.endpoint.revision);
    return resultView(outcome);
  }

  private async prepare(endpointId: string, choice: TestEndpointDto): Promise<Prepared> {
    const event = readEvents([choice.event]).events[0]!;
    const deviceId = choice.deviceId.toLowerCase();
    const { endpoint, device } = await this.database.read(async (manager) => {
      const found = await this.endpoints.find(manager, endpointId);
      if (!found)
        throw new NotFoundException({ code: 'endpoint_not_found', message: 'there is no such endpoint' });
      const linked = (await this.endpoints.linked(manager, [endpointId])).get(endpointId) ?? [];
      const [chosen] = linked.includes(deviceId) ? await this.endpoints.devices(manager, [deviceId]) : [];
      return { endpoint: found, device: chosen };
    });
    if (!device)
      throw new InvalidFieldException('deviceId', 'is not a device that is linked to this endpoint');
    if (!endpoint.events.includes(event)) {
      throw new InvalidFieldException('event', `this endpoint is not subscribed to ${event}`);
    }
    const payload = samplePayload(this.catalog.announced(device.channel), { event, device, now: Date.now() });
    return { endpoint, device, event, payload };
  }
}

function testRequest({ endpoint, device, event, payload }: Prepared): TestRequest {
  const { id, name, url, sealedSecret, legacySubmission } = endpoint;
  const { sender, recipient } = JSON.parse(payload) as {
    sender?: string | { sender: string };
    recipient?: string;
  };
  return {
    facts: {
      id: randomUUID(),
      type: event,
      channel: device.channel,
      deviceId: device.id,
      deviceToken: device.token,
      ...(device.number !== null && { deviceNumber: device.number }),
      sender: typeof sender === 'object' ? sender.sender : (sender ?? recipient),
      acceptedAt: Date.now(),
      production: false,
      endpointIds: [id],
      directoryRevision: 0,
    },
    payload,
    endpoint: { id, name, url, ...(sealedSecret !== null && { sealedSecret }), legacySubmission },
  };
}

function resultView({
  id,
  status,
  verdict,
  httpStatus,
  durationMs,
  responseBody,
  error,
}: Outcome): TestResultView {
  return {
    status,
    verdict,
    httpStatus: httpStatus ?? null,
    durationMs,
    responseBody: responseBody ?? null,
    error: error ?? null,
    deliveryId: id,
  };
}
