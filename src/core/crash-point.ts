// Named places where tests end the process, so that every gap between two durable steps is tried. In the product it does nothing.

export type CrashPoint = (name: string) => void;

export const noCrashPoint: CrashPoint = () => {};
