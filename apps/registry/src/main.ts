import { runService } from '@kirisan/service';
import { registryService } from './registry.module.js';

await runService(registryService);
