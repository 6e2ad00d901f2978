import { Global, Module } from '@nestjs/common';
import { SecretBox } from '@kirisan/service';
import { RegistryConfig } from '../registry.config.js';
import { Fingerprints } from './fingerprints.js';
import { ResealService } from './reseal.service.js';

/** Sealing, keyed hashes and the rotation of keys. */
@Global()
@Module({
  providers: [
    {
      provide: SecretBox,
      useFactory: (config: RegistryConfig) => new SecretBox(config.secretKeys),
      inject: [RegistryConfig],
    },
    Fingerprints,
    ResealService,
  ],
  exports: [SecretBox, Fingerprints, ResealService],
})
export class SecretsModule {}
