/** Tables by name, as `console.table` takes them. */
export type Figures = Record<string, object>;

/** Measures one thing on a stack of its own; asserts nothing about time. */
export type Experiment = () => Promise<Figures>;
