import { Injectable } from '@nestjs/common';
import prometheus from 'prom-client';

/** The metrics of this process in Prometheus' form; labels never hold ids of strangers, texts or secrets. */
@Injectable()
export class Metrics {
  readonly registry = new prometheus.Registry();

  constructor() {
    prometheus.collectDefaultMetrics({ register: this.registry });
  }

  counter<L extends string = never>(name: string, help: string, labelNames: L[] = []): prometheus.Counter<L> {
    return new prometheus.Counter({ name: `kirisan_${name}`, help, labelNames, registers: [this.registry] });
  }

  /** `buckets` in the unit of the name, by default milliseconds. */
  histogram<L extends string = never>(
    name: string,
    help: string,
    labelNames: L[] = [],
    buckets: number[] = [1, 2, 5, 10, 20, 50, 100, 250, 500, 1_000, 5_000, 30_000],
  ): prometheus.Histogram<L> {
    return new prometheus.Histogram({
      name: `kirisan_${name}`,
      help,
      labelNames,
      buckets,
      registers: [this.registry],
    });
  }

  /** A figure that is read when somebody asks. */
  gauge(name: string, help: string, read: () => number): void {
    new prometheus.Gauge({
      name: `kirisan_${name}`,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }
}
