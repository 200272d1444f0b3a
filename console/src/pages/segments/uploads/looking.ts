import { bodyOf, type Schemas } from 'handfast-client';
import { useApi } from '../../../api/context';
import { useAction } from '../../../api/queries';
import type { Look } from './mapping';
import { put } from './transfers';

const PARQUET = 'PAR1';
const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 2000;

interface Input {
  file: File;
  body: Schemas['PreviewFile'];
}

/** Send a file's first bytes, and read what they tell: nothing is loaded, and the bytes are deleted. */
export function useLook(sandbox: string) {
  const api = useApi();
  return useAction(async ({ file, body }: Input): Promise<Look> => {
    const created = await bodyOf(
      api.POST('/sandboxes/{sandbox}/uploads/preview', {
        params: { path: { sandbox } },
        body: { ...body, ...(file.size > 0 && { sizeBytes: file.size }) },
      }),
    );
    const isParquet = (await file.slice(0, PARQUET.length).text()) === PARQUET;
    const most = isParquet ? created.maxParquetBytes : created.maxBytes;
    await put(created.uploadUrl, file.slice(0, most, ''), () => undefined);
    const path = { sandbox, preview: created.previewId };
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 1.5, LONGEST_WAIT_MS)) {
      const look = await bodyOf(api.GET('/sandboxes/{sandbox}/uploads/preview/{preview}', { params: { path } }));
      if (look.status === 'completed' || look.status === 'failed') return look;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  });
}
