import { Controller, Get, type INestApplication, Injectable } from '@nestjs/common';
import { ApiExcludeController, DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

/** Describes the HTTP API from its controllers and DTOs. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const about = new DocumentBuilder()
    .setTitle('Log service')
    .setDescription(
      'Deliveries, accepted events, statistics, the ledger, dead letters and the backlog. Every request presents the internal token.',
    )
    .setVersion('1')
    .addBearerAuth()
    .build();
  return SwaggerModule.createDocument(app, about);
}

/** Holds the document from start on. */
@Injectable()
export class ApiDocument {
  document?: OpenAPIObject;
}

@ApiExcludeController()
@Controller('openapi.json')
export class ApiDocumentController {
  constructor(private readonly api: ApiDocument) {}

  @Get()
  read(): OpenAPIObject | undefined {
    return this.api.document;
  }
}
