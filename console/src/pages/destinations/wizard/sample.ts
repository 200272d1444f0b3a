const MOST_ROWS = 60;

/** A sample of what a destination is sent, as paths with their values. */
export function rowsOf(sample: unknown): { path: string; value: string }[] {
  const rows: { path: string; value: string }[] = [];
  const visit = (value: unknown, path: string): void => {
    if (rows.length >= MOST_ROWS) return;
    if (Array.isArray(value)) for (const [at, one] of value.entries()) visit(one, `${path}[${at + 1}]`);
    else if (value && typeof value === 'object')
      for (const [name, one] of Object.entries(value)) visit(one, path ? `${path}.${name}` : name);
    else rows.push({ path: path || '·', value: String(value) });
  };
  visit(sample, '');
  return rows;
}

interface SampleFile {
  name: string;
  text: string;
}

const areFiles = (sample: unknown): sample is SampleFile[] =>
  Array.isArray(sample) && sample.length > 0 && sample.every((one) => one && typeof one === 'object' && 'text' in one);

/** The sample as it is sent: a body, or files each after its name. */
export function bodyText(sample: unknown): string {
  if (areFiles(sample)) return sample.map(({ name, text }) => `${name}\n\n${text}`).join('\n\n');
  return typeof sample === 'string' ? sample : JSON.stringify(sample, null, 2);
}
