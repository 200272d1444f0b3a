import { bodyOf } from 'handfast-client';
import { useApi } from '../../../api/context';
import { useAction } from '../../../api/queries';
import { uploadsKey } from '../queries';
import type { NewUpload } from './body';
import { send } from './transfers';

interface Input {
  file: File;
  body: NewUpload;
}

/** Announce a file and begin to send it; the answer comes once it is announced. */
export function useStartUpload(sandbox: string) {
  const api = useApi();
  return useAction(
    async ({ file, body }: Input) => {
      const created = await bodyOf(api.POST('/sandboxes/{sandbox}/uploads', { params: { path: { sandbox } }, body }));
      const path = { sandbox, upload: created.uploadId };
      const complete = (parts: { partNumber: number; etag: string }[]) =>
        api.POST('/sandboxes/{sandbox}/uploads/{upload}/complete', { params: { path }, body: { parts } });
      // Its failure stands at the transfer, where it can be tried again.
      void send(file, created, complete).catch(() => undefined);
      return created;
    },
    { invalidates: [uploadsKey(sandbox)] },
  );
}
